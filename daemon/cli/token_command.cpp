#include "core/credentials/net_transport.hpp"
#include "core/credentials/terminal_prompt.hpp"
#include "core/token/exec_credential.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/client/token_source.hpp"

#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace arngate::cli {

namespace {

int refuse(const Surroundings& surroundings, std::string_view what) {
    surroundings.err << "could not get token: " << what << '\n';
    return failure;
}

int misuse(const CommandLine& line, const Surroundings& surroundings, std::string_view what) {
    surroundings.err << "Error: " << what << "\n\n" << line.usage;
    return failure;
}

token::ExecInfo read_info(const Surroundings& surroundings) {
    const char* variable = surroundings.environment("KUBERNETES_EXEC_INFO");
    return token::read_exec_info(variable == nullptr ? std::nullopt : std::optional<std::string_view>(variable));
}

}  // namespace

int run_token(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings) {
    const config::ClientSettings& client = settings.client;
    const token::ExecInfo info = read_info(surroundings);
    const std::string& cluster_id = settings.cluster_id.empty() ? info.cluster_id : settings.cluster_id;
    if (cluster_id.empty()) {
        return misuse(
            line,
            surroundings,
            "cluster ID not specified: give --cluster-id, set KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID, write clusterID "
            "in the file that --config names, or in the extension client.authentication.k8s.io/exec of the "
            "kubeconfig's cluster"
        );
    }
    if (client.forward_session_name && !client.session_name.empty()) {
        return misuse(line, surroundings, "--forward-session-name and --session-name exclude each other");
    }
    if (settings.profile == config::Profile::arngate && !client.token_only &&
        !token::is_known_exec_version(info.api_version)) {
        return refuse(
            surroundings,
            "kubectl asks for a credential in a version that is not known here; name "
            "client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1 as apiVersion of the user's exec "
            "in the kubeconfig (`arngate kubeconfig` writes it)"
        );
    }
    if (!client.role.empty() && !client.role.starts_with("arn:")) {
        return refuse(
            surroundings,
            "--role (or DEFAULT_ROLE) is not an ARN such as arn:aws:iam::123456789012:role/KubernetesAdmin"
        );
    }

    credentials::NetTransport transport(net::ProxySettings::from_environment());
    const client::TokenMeans means{
        .environment = surroundings.environment,
        .clock = surroundings.clock,
        .transport = transport,
        .mfa_prompt = credentials::terminal_prompt(),
        .warn = [&](std::string_view what) { surroundings.err << "Warning: " << what << '\n'; }
    };
    const auto made = client::make_token(cluster_id, client, means);
    if (!made) {
        return refuse(surroundings, made.error());
    }
    if (client.token_only) {
        surroundings.out << made->token.expose() << '\n';
        return success;
    }
    surroundings.out << token::exec_credential(*made, info.api_version).expose() << '\n';
    return success;
}

}  // namespace arngate::cli
