#pragma once

#include "config/check/finding.hpp"
#include "core/mapping/rule.hpp"
#include "core/mapping/table.hpp"

#include <span>
#include <vector>

namespace arngate::config::check {

/// What the entries of sources say about each other: twice the same identity, entries that the server's table leaves
/// out, entries that never decide because another one always does. Sources in chain order.
void find_in_chain(
    std::span<const mapping::SourceRules* const> sources,
    const mapping::TableOptions& options,
    std::vector<Finding>& findings
);

}  // namespace arngate::config::check
