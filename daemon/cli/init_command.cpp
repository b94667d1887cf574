#include "core/base/log.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/pki/key_pair.hpp"
#include "daemon/pki/webhook_kubeconfig.hpp"
#include "daemon/webhook_files.hpp"

#include <fmt/format.h>

#include <ostream>
#include <string>

namespace arngate::cli {

namespace {

/// The Go server writes into the current directory unless a feature gate says otherwise.
bool in_current_directory(const config::Settings& settings) {
    if (settings.profile != config::Profile::reference) {
        return false;
    }
    const auto gate = settings.feature_gates.find("ConfiguredInitDirectories");
    return gate == settings.feature_gates.end() || !gate->second;
}

}  // namespace

int run_init(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings) {
    static_cast<void>(line);
    if (settings.profile == config::Profile::reference) {
        surroundings.out << version_line();
    }
    config::Settings used = settings;
    if (in_current_directory(settings)) {
        used.server.state_dir = ".";
        used.server.generate_kubeconfig = "aws-iam-authenticator.kubeconfig";
    }

    const auto pair = prepare_key_pair(used, surroundings.clock.wall());
    if (!pair) {
        surroundings.err << "Error: " << pair.error() << '\n';
        return failure;
    }
    const auto written = prepare_kubeconfig(used, *pair, used.server.port);
    if (!written) {
        surroundings.err << "Error: " << written.error() << '\n';
        return failure;
    }
    if (in_current_directory(settings)) {
        log::info(
            fmt::format("copy cert.pem to {}/cert.pem on the nodes of the control plane", settings.server.state_dir)
        );
        log::info(fmt::format("copy key.pem to {}/key.pem on the nodes of the control plane", settings.server.state_dir)
        );
        log::info(fmt::format("copy aws-iam-authenticator.kubeconfig to {} there", settings.server.generate_kubeconfig)
        );
        log::info(api_server_hint(settings));
    } else {
        log::info(api_server_hint(used));
    }
    return success;
}

}  // namespace arngate::cli
