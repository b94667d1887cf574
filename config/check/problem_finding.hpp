#pragma once

#include "config/check/finding.hpp"
#include "config/problem.hpp"

#include <string>
#include <string_view>

namespace arngate::config::check {

/// A finding of this rule, with the severity that the rule has.
[[nodiscard]] Finding make_finding(std::string_view rule, std::string file, Position at, std::string message);

/// Whether a reader could use what it found something about.
enum class Standing : bool { refused, taken };

/// What a reader found: of the rule that it names itself, else of `rule`. What is refused is an error whatever its
/// rule.
[[nodiscard]] Finding finding_of(const Problem& problem, std::string_view rule, Standing standing);

}  // namespace arngate::config::check
