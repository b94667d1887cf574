#include "daemon/cli/usage.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace arngate::cli {

namespace {

constexpr std::size_t width = 100;
constexpr std::size_t help_column = 36;

/// The paragraph in lines, each but the first behind blanks up to `column`.
std::string wrapped(std::string_view paragraph, std::size_t column) {
    std::string out;
    std::size_t used = column;
    for (const std::string_view word : text::split(paragraph, ' ')) {
        if (used > column && used + 1 + word.size() > width) {
            out += fmt::format("\n{:{}}", "", column);
            used = column;
        } else if (used > column) {
            out += ' ';
            ++used;
        }
        out += word;
        used += word.size();
    }
    return out;
}

std::string flag_text(const Flag& flag) {
    std::string head = flag.short_name != 0 ? fmt::format("  -{}, --{}", flag.short_name, flag.name)
                                            : fmt::format("      --{}", flag.name);
    if (!flag.is_boolean) {
        head += fmt::format(" {}", flag.value_name);
    }
    if (head.size() + 2 > help_column) {
        return fmt::format("{}\n{:{}}{}\n", head, "", help_column, wrapped(flag.help, help_column));
    }
    return fmt::format("{:{}}{}\n", head, help_column, wrapped(flag.help, help_column));
}

std::string flags_text(std::string_view title, std::vector<Flag> flags) {
    if (flags.empty()) {
        return {};
    }
    std::ranges::sort(flags, {}, &Flag::name);
    std::string out = fmt::format("\n{}:\n", title);
    for (const Flag& flag : flags) {
        out += flag_text(flag);
    }
    return out;
}

/// The commands right behind these words; behind none, the first word of each.
std::string commands_text(std::string_view group) {
    std::string out = "\nCommands:\n";
    const std::size_t skipped = group.empty() ? 0 : group.size() + 1;
    for (const CommandInfo& command : commands()) {
        const bool below = command.name.size() > skipped && command.name.starts_with(group) &&
                           command.name.substr(skipped).find(' ') == std::string_view::npos &&
                           (skipped == 0 || command.name[group.size()] == ' ');
        if (below) {
            out += fmt::format("  {:12}{}\n", command.name.substr(skipped), command.summary);
        }
    }
    if (group.empty()) {
        out += fmt::format("  {:12}{}\n", "help", "Explain a command");
    }
    return out;
}

/// The texts of the table name the program "arngate".
std::string with_program(std::string_view details, std::string_view program) {
    constexpr std::string_view own = "arngate";
    std::string out;
    for (std::size_t at = details.find(own); at != std::string_view::npos; at = details.find(own)) {
        out += details.substr(0, at);
        out += program;
        details.remove_prefix(at + own.size());
    }
    return out += details;
}

std::vector<Flag> global() {
    const auto flags = global_flags();
    return {flags.begin(), flags.end()};
}

}  // namespace

std::string program_help(std::string_view program) {
    return fmt::format(
        "Lets a Kubernetes cluster trust AWS IAM identities.\n\nUsage:\n  {0} COMMAND [flags]\n{1}{2}\n"
        "\"{0} COMMAND --help\" explains the flags of a command.\n",
        program,
        commands_text({}),
        flags_text("Flags of every command", global())
    );
}

std::string command_help(std::string_view program, const CommandInfo& command) {
    std::string out = fmt::format(
        "{}.\n\nUsage:\n  {} {} {}{}{}\n",
        command.summary,
        program,
        command.name,
        command.is_group ? "COMMAND" : "[flags]",
        command.operands.empty() ? "" : " ",
        command.operands
    );
    if (command.is_group) {
        out += commands_text(command.name);
    }
    out += flags_text("Flags", own_flags(command));
    out += flags_text("Flags of every command", global());
    if (!command.details.empty()) {
        out += '\n' + with_program(command.details, program);
    }
    return out;
}

}  // namespace arngate::cli
