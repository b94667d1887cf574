#pragma once

#include "config/problem.hpp"
#include "config/settings.hpp"
#include "core/mapping/rule.hpp"

#include <expected>
#include <string>

namespace arngate::config {

struct ReloadedMapping {
    mapping::SourceRules rules;
    Problems warnings;
};

/// Reads the mapping of the configuration file again (mapRoles, mapUsers, mapAccounts, and the reserved prefixes of
/// MountedFile), with the options of the settings in force; every other key of the file is left alone. On any problem
/// the caller keeps the mapping it has. Blocks on the file.
[[nodiscard]] std::expected<ReloadedMapping, Problems> reload_mapping(
    const std::string& file, const Settings& settings
);

/// The rules that may match under these settings: SSO entries only while the gate SSORoleMatch is on.
[[nodiscard]] mapping::SourceRules effective_rules(mapping::SourceRules rules, const Settings& settings);

}  // namespace arngate::config
