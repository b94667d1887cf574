#pragma once

#include "config/settings.hpp"
#include "core/mapping/rule.hpp"

namespace arngate::config {

/// The rules that may match under these settings: SSO entries only while the gate SSORoleMatch is on.
[[nodiscard]] mapping::SourceRules effective_rules(mapping::SourceRules rules, const Settings& settings);

}  // namespace arngate::config
