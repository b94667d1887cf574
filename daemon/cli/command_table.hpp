#pragma once

#include "daemon/cli/flag_parser.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace arngate::cli {

enum class Command : std::uint8_t {
    server,
    init,
    token,
    kubeconfig,
    verify,
    add,
    add_user,
    add_role,
    version,
    health,
    check,
    cert,
    cert_show,
    cert_rotate,
    completion
};

/// A command, or with `is_group` a word that others stand behind.
struct CommandInfo {
    Command command;
    std::string_view name;  ///< the words of it, e.g. "token" or "completion bash"
    std::string_view summary;
    std::string_view details{};  ///< shown behind the flags, may be empty
    bool is_group = false;
    std::string_view operands{};  ///< what stands behind the flags, for help
};

/// What the program does, in the order of the help. `help` is none of them: the command line answers it.
[[nodiscard]] std::span<const CommandInfo> commands() noexcept;
[[nodiscard]] const CommandInfo* find_command(std::string_view name) noexcept;

/// --help, --config and the flags of keys that every command has.
[[nodiscard]] std::span<const Flag> global_flags();
/// Those that only this command has; of one of a group, those of the group too.
[[nodiscard]] std::vector<Flag> own_flags(const CommandInfo& command);
/// Both, its own first.
[[nodiscard]] std::vector<Flag> flags_of(const CommandInfo& command);

}  // namespace arngate::cli
