#pragma once

#include "config/check/checker.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace arngate::config::check {

/// "rule@line:column" of each finding of one file.
inline std::vector<std::string> places(const std::vector<Finding>& findings) {
    std::vector<std::string> out;
    for (const Finding& finding : findings)
        out.push_back(fmt::format("{}@{}:{}", finding.rule, finding.at.line, finding.at.column));
    return out;
}

inline std::vector<Finding> check_text(std::string name, std::string text, CheckOptions options = {}) {
    const Input input{std::move(name), std::move(text)};
    return check(std::span(&input, 1), options);
}

/// The ids alone.
inline std::vector<std::string> rule_ids(const std::vector<Finding>& findings) {
    std::vector<std::string> out;
    for (const Finding& finding : findings)
        out.emplace_back(finding.rule);
    return out;
}

}  // namespace arngate::config::check
