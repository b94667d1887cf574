#pragma once

#include "config/check/finding.hpp"
#include "config/check/reading.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::config::check {

struct CheckOptions {
    ReadOptions read;
    /// The sources of one server, in their order: all files together are its mapping. Empty: each file is checked for
    /// itself, as files of several clusters are.
    std::vector<std::string> backends;
    std::string partition;             ///< of the server, for files that do not say; empty: not known
    std::vector<std::string> ignored;  ///< ids of rules
};

/// Reads the files and looks at all that they hold. Findings are in order; none is of an ignored rule.
[[nodiscard]] std::vector<Finding> check(std::span<const Input> inputs, const CheckOptions& options);

}  // namespace arngate::config::check
