#pragma once

#include "config/load.hpp"
#include "daemon/cli/command_table.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace arngate::cli {

/// A command line that can be run.
struct CommandLine {
    Command command = Command::version;
    std::string program;  ///< the name it was called by, without its directory
    /// The file and the flags. Environment variables are not in it yet.
    config::LoadRequest request;
    /// Flags that set no key, in the order written: name without hyphens, value.
    std::vector<std::pair<std::string_view, std::string>> own_flags;
    std::vector<std::string> words;  ///< arguments that belong to no flag
    std::string usage;               ///< of the command, for errors that are found later

    /// The last value given for a flag that sets no key; empty if there is none.
    [[nodiscard]] std::string_view own_flag(std::string_view name) const;
};

/// Nothing to run: what to print, and the status of the process.
struct Message {
    int status = 0;
    std::string out;
    std::string err;
};

/// `arguments[0]` is the program's name. A command takes flags in any order, before its name too where all commands
/// have them; parse_flags says how they are written. Invoked as aws-iam-authenticator, the default profile is
/// `reference`, and errors go where the Go program writes them: to standard error with the usage, and to standard
/// output once more.
[[nodiscard]] std::variant<CommandLine, Message> parse_command_line(std::span<const std::string> arguments);

}  // namespace arngate::cli
