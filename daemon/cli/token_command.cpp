#include "core/base/log.hpp"
#include "core/credentials/chain.hpp"
#include "core/credentials/client_settings.hpp"
#include "core/credentials/net_transport.hpp"
#include "core/credentials/terminal_prompt.hpp"
#include "core/token/exec_credential.hpp"
#include "core/token/mint.hpp"
#include "daemon/cli/commands.hpp"

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::cli {

namespace {

constexpr std::string_view fallback_region = "us-east-1";

int refuse(const Surroundings& surroundings, std::string_view what) {
    surroundings.err << "could not get token: " << what << '\n';
    return failure;
}

int misuse(const CommandLine& line, const Surroundings& surroundings, std::string_view what) {
    surroundings.err << "Error: " << what << "\n\n" << line.usage;
    return failure;
}

}  // namespace

int run_token(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings) {
    const config::ClientSettings& client = settings.client;
    if (settings.cluster_id.empty()) {
        return misuse(
            line,
            surroundings,
            "cluster ID not specified: give --cluster-id, set KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID, or write "
            "clusterID "
            "in the file that --config names"
        );
    }
    if (client.forward_session_name && !client.session_name.empty()) {
        return misuse(line, surroundings, "--forward-session-name and --session-name exclude each other");
    }
    if (!client.role.empty()) {
        return refuse(
            surroundings,
            "--role (or DEFAULT_ROLE) asks to assume a role, which this version does not do; assume it first (`aws sts "
            "assume-role`), export its keys as AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and "
            "leave "
            "--role out"
        );
    }

    const auto shared = credentials::SharedConfig::load(surroundings.environment);
    if (!shared) {
        return refuse(surroundings, shared.error());
    }
    credentials::NetTransport transport(net::ProxySettings::from_environment());
    credentials::ChainContext context{
        .environment = surroundings.environment, .clock = surroundings.clock, .transport = transport
    };
    context.region = client.region;
    context.mfa_prompt = credentials::terminal_prompt();
    context.child.errors = credentials::ChildErrors::shown;
    const auto keys = credentials::Chain(std::move(context)).resolve().credentials;
    if (!keys) {
        return refuse(surroundings, keys.error().text());
    }
    const auto variant = credentials::resolve_endpoint_variant(surroundings.environment, *shared);
    if (!variant) {
        return refuse(surroundings, variant.error());
    }
    token::MintRequest request;
    request.cluster_id = settings.cluster_id;
    request.variant = *variant;
    request.region =
        client.region.empty() ? credentials::resolve_region(surroundings.environment, *shared) : client.region;
    if (request.region.empty()) {
        request.region = fallback_region;
        log::info("no region is set, us-east-1 is used; --region or AWS_REGION sets it");
    }
    if (client.cache) {
        surroundings.err << "Warning: --cache has no effect on keys that do not expire (" << keys->source << ")\n";
    }

    const auto minted = token::mint(request, *keys, surroundings.clock.wall());
    if (!minted) {
        return refuse(surroundings, minted.error());
    }
    if (client.token_only) {
        surroundings.out << minted->token.expose() << '\n';
        return success;
    }
    const char* exec_info = surroundings.environment("KUBERNETES_EXEC_INFO");
    const std::optional<std::string_view> info =
        exec_info == nullptr ? std::nullopt : std::optional<std::string_view>(exec_info);
    surroundings.out << token::exec_credential(*minted, token::read_exec_info(info).api_version).expose() << '\n';
    return success;
}

}  // namespace arngate::cli
