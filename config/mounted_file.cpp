#include "config/mounted_file.hpp"

#include "config/document.hpp"
#include "config/report.hpp"
#include "config/rules.hpp"

#include <utility>

namespace arngate::config {

std::expected<ReloadedMapping, Problems> reload_mapping(const std::string& file, const Settings& settings) {
    auto root = read_document(file);
    if (!root)
        return std::unexpected(std::move(root.error()));
    Report report(file);
    ReloadedMapping mapping;
    mapping.rules = read_rules(*root, settings.mapping.strip_role_paths ? RolePaths::strip : RolePaths::keep, report);
    ReservedPrefixes reserved = read_reserved_prefixes(*root, report);
    mapping.rules.reserved_prefixes = std::move(reserved[mapping.rules.source]);
    if (report.failed())
        return std::unexpected(report.take_problems());
    mapping.warnings = report.take_warnings();
    return mapping;
}

mapping::SourceRules effective_rules(mapping::SourceRules rules, const Settings& settings) {
    const auto gate = settings.feature_gates.find("SSORoleMatch");
    if (gate == settings.feature_gates.end() || !gate->second) {
        std::erase_if(rules.roles, [](const mapping::Rule& rule) { return !rule.sso.empty(); });
    }
    return rules;
}

}  // namespace arngate::config
