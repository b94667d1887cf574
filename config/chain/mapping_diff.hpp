#pragma once

#include "core/mapping/rule.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace arngate::config {

/// What has changed between two readings of one source, or of several added up.
struct MappingDiff {
    static constexpr std::size_t max_examples = 5;

    std::size_t added = 0;
    std::size_t removed = 0;
    std::size_t changed = 0;  ///< same ARN, other username, groups or user id
    bool rearranged = false;  ///< order, entries that others replace, reserved prefixes, or how entries are found
    /// "+arn:…", "-arn:…", "~arn:…": the first ones, for people. An identity of a scrubbed account is never among them.
    std::vector<std::string> examples;

    [[nodiscard]] bool empty() const noexcept { return added + removed + changed == 0 && !rearranged; }
    MappingDiff& operator+=(const MappingDiff& other);
};

/// From `before` to `after`; where entries stand does not count. Of several entries of one list for one ARN the last
/// one counts. Costs little where most of both is equal, and a hash table of what is not. Pure.
[[nodiscard]] MappingDiff difference(
    const mapping::SourceRules& before,
    const mapping::SourceRules& after,
    std::span<const std::string> scrubbed_accounts = {}
);

/// Roles, users and accounts, together.
[[nodiscard]] std::size_t count_entries(const mapping::SourceRules& rules) noexcept;

}  // namespace arngate::config
