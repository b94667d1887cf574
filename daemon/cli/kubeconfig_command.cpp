#include "config/yaml_writer.hpp"
#include "core/base/text.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/client/kubeconfig_edit.hpp"
#include "daemon/pki/atomic_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::cli {

namespace {

std::string text_of(const Surroundings& surroundings, const char* name) {
    const char* value = surroundings.environment(name);
    return value == nullptr ? std::string() : std::string(value);
}

/// The file that kubectl writes to as well, empty where there is no home.
std::string file_of(const CommandLine& line, const Surroundings& surroundings) {
    if (const std::string_view given = line.own_flag("kubeconfig"); !given.empty()) {
        return std::string(given);
    }
    const std::string list = text_of(surroundings, "KUBECONFIG");
    for (const std::string_view one : text::split(list, ':')) {
        if (!one.empty()) {
            return std::string(one);
        }
    }
    const std::string home = text_of(surroundings, "HOME");
    return home.empty() ? std::string() : home + "/.kube/config";
}

/// What `token` is called with, so that it does what these settings say.
std::vector<std::string> token_arguments(const config::Settings& settings) {
    const config::ClientSettings& client = settings.client;
    std::vector<std::string> arguments{"token", "--cluster-id", settings.cluster_id};
    const auto add = [&](const char* flag, const std::string& value) {
        if (!value.empty()) {
            arguments.insert(arguments.end(), {flag, value});
        }
    };
    add("--region", client.region);
    add("--role", client.role);
    add("--external-id", client.external_id);
    add("--session-name", client.session_name);
    for (const auto& [flag, is_set] :
         {std::pair("--forward-session-name", client.forward_session_name),
          std::pair("--cache", client.cache),
          std::pair("--cache-token", client.cache_token)}) {
        if (is_set) {
            arguments.emplace_back(flag);
        }
    }
    if (client.expiry_margin != config::ClientSettings{}.expiry_margin) {
        arguments.insert(arguments.end(), {"--expiry-margin", fmt::format("{}s", client.expiry_margin.count())});
    }
    return arguments;
}

bool is_base64(std::string_view value) {
    const std::size_t padding = value.ends_with("==") ? 2 : value.ends_with('=') ? 1 : 0;
    return value.size() % 4 == 0 && std::ranges::all_of(value.substr(0, value.size() - padding), [](char c) {
               return text::is_alnum(c) || c == '+' || c == '/';
           });
}

bool is_plain(std::string_view value) {
    return std::ranges::none_of(value, text::is_control);
}

/// The error says what is wrong with the flags.
std::expected<client::KubeconfigEntries, std::string> read_entries(
    const CommandLine& line, const config::Settings& settings
) {
    for (const auto& [name, value] : line.own_flags) {
        if (!is_plain(value)) {
            return std::unexpected(fmt::format("--{} holds control characters", name));
        }
    }
    const auto flag = [&](std::string_view name, std::string_view otherwise = {}) {
        const std::string_view given = line.own_flag(name);
        return std::string(given.empty() ? otherwise : given);
    };
    client::KubeconfigEntries entries;
    entries.user = flag("user", settings.cluster_id);
    entries.command = flag("command", line.program);
    entries.arguments = token_arguments(settings);
    entries.profile = flag("profile");
    entries.server = flag("server");
    entries.ca_file = flag("ca-file");
    entries.ca_data = flag("ca-data");
    entries.name_space = flag("namespace");
    const bool has_context = !entries.server.empty() || !flag("cluster").empty();
    if (has_context) {
        entries.cluster = flag("cluster", settings.cluster_id);
        entries.context = flag("context", entries.cluster);
        entries.set_current = flag("set-current", "true") == "true";
    } else if (!flag("context").empty() || !entries.name_space.empty()) {
        return std::unexpected("--context and --namespace need --server, or --cluster with a cluster of the file");
    }
    if (entries.server.empty() ? !entries.ca_file.empty() || !entries.ca_data.empty()
                               : !entries.server.starts_with("https://")) {
        return std::unexpected("--ca-file and --ca-data need --server, which is an https:// URL");
    }
    if (!entries.ca_file.empty() && !entries.ca_data.empty()) {
        return std::unexpected("--ca-file and --ca-data exclude each other");
    }
    if (!is_base64(entries.ca_data)) {
        return std::unexpected("--ca-data is not base64");
    }
    if (!entries.ca_file.empty()) {
        const auto certificates = pki::read_file(entries.ca_file);
        if (!certificates) {
            return std::unexpected("--ca-file: " + certificates.error());
        }
        if (!certificates->contains("-----BEGIN CERTIFICATE-----")) {
            return std::unexpected("--ca-file: there is no certificate in it");
        }
        // Relative ones would be taken from the folder of the kubeconfig.
        entries.ca_file = std::filesystem::absolute(entries.ca_file).string();
    }
    return entries;
}

}  // namespace

int run_kubeconfig(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings) {
    const auto refuse = [&](std::string_view what) {
        surroundings.err << "Error: " << what << '\n';
        return failure;
    };
    if (settings.cluster_id.empty()) {
        return refuse("cluster ID not specified: give --cluster-id");
    }
    if (settings.client.forward_session_name && !settings.client.session_name.empty()) {
        return refuse("--forward-session-name and --session-name exclude each other");
    }
    const auto entries = read_entries(line, settings);
    if (!entries) {
        return refuse(entries.error());
    }
    const std::string file = file_of(line, surroundings);
    if (file.empty()) {
        return refuse("neither --kubeconfig nor KUBECONFIG nor HOME says which file");
    }
    if (line.own_flag("dry-run") == "true") {
        const auto planned = client::plan_kubeconfig(file, *entries);
        if (!planned) {
            return refuse(planned.error());
        }
        surroundings.out << config::write_yaml(
            client::only_entries(planned->document, *entries), config::KeyOrder::as_given
        );
        return success;
    }
    const auto written = client::write_kubeconfig(file, *entries);
    if (!written) {
        return refuse(written.error());
    }
    surroundings.out << fmt::format(
        "{} {}: user {}{}\n",
        file,
        written->changed ? "now has" : "has already",
        entries->user,
        entries->cluster.empty() ? std::string()
                                 : fmt::format(", cluster {}, context {}", entries->cluster, entries->context)
    );
    return success;
}

}  // namespace arngate::cli
