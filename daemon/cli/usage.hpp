#pragma once

#include "daemon/cli/command_table.hpp"

#include <string>
#include <string_view>

namespace arngate::cli {

/// What the program can do.
[[nodiscard]] std::string program_help(std::string_view program);
/// How a command is called, and its flags; of a group, the commands behind it.
[[nodiscard]] std::string command_help(std::string_view program, const CommandInfo& command);

}  // namespace arngate::cli
