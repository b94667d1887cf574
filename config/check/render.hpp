#pragma once

#include "config/check/diff.hpp"
#include "config/check/finding.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace arngate::config::check {

/// One line a finding, as compilers write them: "file:line:column: error: message [rule]". Nothing of no findings.
[[nodiscard]] std::string findings_as_text(std::span<const Finding> findings);
/// {"findings":[…],"files":n,"errors":n,"warnings":n,"notes":n} and a line end.
[[nodiscard]] std::string findings_as_json(std::span<const Finding> findings, std::size_t files);
/// A log of SARIF 2.1.0 (OASIS, sarif-v2.1.0), which code scanners of repositories show.
[[nodiscard]] std::string findings_as_sarif(std::span<const Finding> findings);

/// One line a change, then how many there are of each kind; nothing of no changes.
[[nodiscard]] std::string changes_as_text(std::span<const Change> changes);
/// {"changes":[…],"gained":n,"lost":n,"changed":n} and a line end.
[[nodiscard]] std::string changes_as_json(std::span<const Change> changes);

}  // namespace arngate::config::check
