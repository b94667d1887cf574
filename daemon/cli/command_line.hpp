#pragma once

#include "config/load.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <variant>

namespace arngate::cli {

enum class Command : std::uint8_t { server, init, token, verify, version };

/// A command line that can be run.
struct CommandLine {
    Command command = Command::version;
    std::string program;  ///< the name it was called by, without its directory
    /// The file and the flags. Environment variables are not in it yet.
    config::LoadRequest request;
    std::string version_output;  ///< -o of `version`
    bool version_short = false;  ///< -s of `version`
    std::string usage;           ///< of the command, for errors that are found later
};

/// Nothing to run: a help text, or an error with what to do about it.
struct Message {
    int status = 0;  ///< of the process
    std::string text;
};

/// `arguments[0]` is the program's name. Flags are those of config::schema(). A command takes flags in any order,
/// before its name too where all commands have them; what follows "--" and words that belong to no flag are ignored, as
/// the Go server does. Invoked as aws-iam-authenticator, the default profile is `reference`.
[[nodiscard]] std::variant<CommandLine, Message> parse_command_line(std::span<const std::string> arguments);

}  // namespace arngate::cli
