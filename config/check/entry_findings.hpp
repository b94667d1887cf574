#pragma once

#include "config/check/finding.hpp"
#include "core/mapping/rule.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace arngate::config::check {

/// What the entries of a source are looked at by.
struct EntryContext {
    std::string_view partition;    ///< of the server; empty: not known
    bool strip_role_paths = true;  ///< as mapping.stripRolePaths
};

/// What is wrong or doubtful about entries each by itself: names, templates, ARNs, patterns, what they give.
void find_in_entries(const mapping::SourceRules& source, const EntryContext& context, std::vector<Finding>& findings);

/// Whether a username or group written so can come out as one that begins with "system:" and that the caller has a say
/// in. Session names are letters, digits and characters of _+=,.@- (RoleSessionName of AssumeRole), so a colon is never
/// the caller's.
[[nodiscard]] bool lets_caller_choose_system_name(std::string_view text);

}  // namespace arngate::config::check
