#pragma once

#include "daemon/cli/command_table.hpp"

#include <string>
#include <vector>

namespace arngate::cli {

/// A page of the manual, in the macros of man(7).
struct ManPage {
    std::string name;  ///< of its file, e.g. "arngate-token.1"
    std::string text;
};

/// arngate(1), a page for each command and each command of a group, and arngate-config(5) for the configuration file.
/// They say what --help and docs/configuration.md say, from the same tables.
[[nodiscard]] std::vector<ManPage> man_pages();

}  // namespace arngate::cli
