#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/pki/atomic_file.hpp"
#include "daemon/pki/key_pair.hpp"
#include "daemon/pki/webhook_kubeconfig.hpp"
#include "daemon/webhook_files.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <iterator>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

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

/// "UID:GID".
std::optional<pki::Owner> parse_owner(std::string_view text) {
    const auto parts = text::split(text, ':');
    if (parts.size() != 2) {
        return std::nullopt;
    }
    std::array<std::uint32_t, 2> numbers{};
    for (std::size_t i = 0; i < 2; ++i) {
        const std::string_view part = parts[i];
        const char* end = part.data() + part.size();
        const auto [stop, code] = std::from_chars(part.data(), end, numbers.at(i));
        // The largest number means "no change" to chown.
        if (code != std::errc() || stop != end || part.empty() ||
            numbers.at(i) == std::numeric_limits<std::uint32_t>::max()) {
            return std::nullopt;
        }
    }
    return pki::Owner{numbers[0], numbers[1]};
}

/// The kubeconfig's folder as well when nothing else is in it: a rotation writes there. Any other may be shared.
std::expected<void, std::string> give_files(const config::Settings& settings, const pki::Owner& owner) {
    const std::string& kubeconfig = settings.server.generate_kubeconfig;
    const std::string folder = pki::directory_of(kubeconfig);
    const KeyPairFiles files = key_pair_files(settings);
    std::vector<std::string> paths{settings.server.state_dir, files.certificate, files.key, kubeconfig};
    std::error_code error;
    const auto entries = std::filesystem::directory_iterator(folder, error);
    if (!error && std::distance(begin(entries), end(entries)) == 1) {
        paths.push_back(folder);
    }
    for (const std::string& path : paths) {
        if (auto given = pki::give_to(path, owner); !given) {
            return given;
        }
    }
    log::info("gave the files away", {{"uid", owner.user}, {"gid", owner.group}});
    return {};
}

}  // namespace

int run_init(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings) {
    std::optional<pki::Owner> owner;
    if (const std::string_view text = line.own_flag("owner"); !text.empty()) {
        owner = parse_owner(text);
        if (!owner) {
            surroundings.err << "Error: --owner: expected two numbers, as in 65532:65532\n";
            return failure;
        }
    }
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
    if (owner) {
        if (const auto given = give_files(used, *owner); !given) {
            surroundings.err << "Error: " << given.error() << '\n';
            return failure;
        }
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
