#include "config/check/reading.hpp"

#include "config/check/manifests.hpp"
#include "config/check/problem_finding.hpp"
#include "config/document.hpp"
#include "config/sources/dynamic_file_document.hpp"
#include "config/text_form.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace arngate::config::check {
namespace {

/// Whether the name says a format that configurations have; what comes from a pipe has no such name.
bool has_format(std::string_view file) {
    constexpr auto extensions = std::to_array<std::string_view>({".yaml", ".yml", ".json", ".toml", ".env", ".dotenv"});
    return std::ranges::any_of(extensions, [&](std::string_view extension) {
        return file.size() > extension.size() && text::iequals(file.substr(file.size() - extension.size()), extension);
    });
}

void read_configuration(const Input& input, const ReadOptions& options, Reading& reading) {
    LoadRequest request;
    request.file = has_format(input.name) ? input.name : input.name + ".yaml";
    request.overrides = options.overrides;
    request.default_profile = options.default_profile;
    const auto add = [&](Problems& problems, std::string_view rule, Standing standing) {
        for (Problem& problem : problems) {
            if (problem.file == request.file)
                problem.file = input.name;
            reading.findings.push_back(finding_of(problem, problem.of_document ? "syntax" : rule, standing));
        }
    };
    auto loaded = load_text(request, input.text);
    if (!loaded) {
        add(loaded.error(), "invalid-value", Standing::refused);
        return;
    }
    add(loaded->warnings, "doubtful-value", Standing::taken);
    Settings& settings = loaded->settings;
    mapping::SourceRules& rules = settings.mapping.mounted_file;
    for (auto* list : {&rules.roles, &rules.users}) {
        for (mapping::Rule& rule : *list)
            rule.origin.file = input.name;
    }
    const bool has_entries = !rules.roles.empty() || !rules.users.empty() || !rules.accounts.empty();
    const std::vector<std::string>& backends = settings.server.backend_mode;
    if (std::ranges::find(backends, rules.source) != backends.end()) {
        reading.sources.push_back(rules);
    } else if (has_entries) {
        reading.findings.push_back(make_finding(
            "unused-mapping",
            input.name,
            {},
            "server.backendMode does not name MountedFile, so the entries of this file are not used"
        ));
    }
    reading.settings = std::move(settings);
}

void read_dynamic_file_text(const Input& input, DynamicFileKey key, Reading& reading) {
    auto document = read_dynamic_file(input.name, input.text, key);
    if (document) {
        for (const std::string& id : document->rules.accounts) {
            if (!is_account_id(id)) {
                reading.findings.push_back(make_finding(
                    "account-id",
                    input.name,
                    {},
                    fmt::format(
                        "mapAccounts: found {}, expected an account id of 12 digits. It matches nobody.", quote(id)
                    )
                ));
            }
        }
        reading.sources.push_back(std::move(document->rules));
        return;
    }
    for (const Problem& problem : document.error())
        reading.findings.push_back(
            finding_of(problem, problem.key.empty() ? "syntax" : "rejected-entry", Standing::refused)
        );
}

}  // namespace

Reading read(const Input& input, const ReadOptions& options) {
    Reading reading;
    const auto kind = options.kind ? options.kind : guess_kind(input.name, input.text);
    if (!kind) {
        reading.findings.push_back(
            make_finding("unknown-kind", input.name, {}, "this is no document that can be checked")
        );
        return reading;
    }
    if (input.text.size() > max_document_bytes) {
        reading.findings.push_back(make_finding("syntax", input.name, {}, "found more than 64 MiB"));
        return reading;
    }
    switch (*kind) {
        case Kind::configuration:
            read_configuration(input, options, reading);
            break;
        case Kind::manifests:
            read_manifests(input, reading);
            break;
        case Kind::config_map_data:
            read_config_map_data(input, reading);
            break;
        case Kind::dynamic_file:
            read_dynamic_file_text(input, DynamicFileKey::arn, reading);
            break;
        case Kind::dynamic_file_strict:
            read_dynamic_file_text(input, DynamicFileKey::user_id, reading);
            break;
    }
    return reading;
}

}  // namespace arngate::config::check
