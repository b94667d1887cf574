#include "config/check/configuration.hpp"

#include "config/check/kind.hpp"
#include "config/check/problem_finding.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace arngate::config::check {

void read_configuration(const ConfigurationText& configuration, const ReadOptions& options, Reading& reading) {
    LoadRequest request;
    request.file = configuration.name;
    if (!has_configuration_format(request.file))
        request.file += ".yaml";
    request.overrides = options.overrides;
    request.default_profile = options.default_profile;
    // What has no line is said of the value where the configuration is one.
    const Position whole = configuration.place_in_file ? configuration.place_in_file({}) : Position{};
    const auto add = [&](Problems& problems, std::string_view rule, Standing standing) {
        for (Problem& problem : problems) {
            if (problem.file == request.file) {
                problem.file = configuration.file;
                if (problem.line == 0) {
                    problem.line = whole.line;
                    problem.column = whole.column;
                }
            }
            reading.findings.push_back(finding_of(problem, problem.of_document ? "syntax" : rule, standing));
        }
    };
    auto loaded = load_text(request, std::string(configuration.text), configuration.place_in_file);
    if (!loaded) {
        add(loaded.error(), "invalid-value", Standing::refused);
        return;
    }
    add(loaded->warnings, "doubtful-value", Standing::taken);
    Settings& settings = loaded->settings;
    mapping::SourceRules& rules = settings.mapping.mounted_file;
    for (auto* list : {&rules.roles, &rules.users}) {
        for (mapping::Rule& rule : *list)
            rule.origin.file = configuration.file;
    }
    const bool has_entries = !rules.roles.empty() || !rules.users.empty() || !rules.accounts.empty();
    const std::vector<std::string>& backends = settings.server.backend_mode;
    if (std::ranges::find(backends, rules.source) != backends.end()) {
        reading.sources.push_back(rules);
    } else if (has_entries) {
        reading.findings.push_back(make_finding(
            "unused-mapping",
            std::string(configuration.file),
            whole,
            "server.backendMode does not name MountedFile, so the entries of this file are not used"
        ));
    }
    reading.settings = std::move(settings);
}

}  // namespace arngate::config::check
