#include "config/mounted_file.hpp"

#include <utility>

namespace arngate::config {

mapping::SourceRules effective_rules(mapping::SourceRules rules, const Settings& settings) {
    const auto gate = settings.feature_gates.find("SSORoleMatch");
    if (gate == settings.feature_gates.end() || !gate->second) {
        std::erase_if(rules.roles, [](const mapping::Rule& rule) { return !rule.sso.empty(); });
    }
    return rules;
}

}  // namespace arngate::config
