#include "daemon/cli/command_line.hpp"

#include "config/problem.hpp"
#include "core/base/text.hpp"
#include "daemon/cli/completion.hpp"
#include "daemon/cli/surroundings.hpp"
#include "daemon/cli/usage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <ranges>

namespace arngate::cli {

namespace {

constexpr std::string_view help_word = "help";

/// What is left of the arguments when the command's words are out.
struct Found {
    std::string path;                    ///< of the command, or empty
    std::vector<std::string> arguments;  ///< without it
    std::optional<std::string> word;     ///< the first word that is no flag's and names nothing
};

/// Looks for the command as the cobra library of Go does: flags that every command has may stand before it, with their
/// values, and those of a group before the rest of its words; a flag that is not known takes the word behind it along.
Found find_path(std::span<const std::string> arguments) {
    Found found;
    bool open = true;  // more words may belong to the command
    std::vector<Flag> known(global_flags().begin(), global_flags().end());
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        found.arguments.push_back(argument);
        if (!open) {
            continue;
        }
        if (argument == "--") {
            open = false;
        } else if (argument.starts_with('-')) {
            const bool is_long = argument.starts_with("--");
            const Flag* flag = is_long                ? find_flag(known, std::string_view(argument).substr(2))
                               : argument.size() == 2 ? find_flag(known, argument[1])
                                                      : nullptr;
            const bool may_take_next = (is_long || argument.size() == 2) && !argument.contains('=');
            if (may_take_next && (flag == nullptr || !flag->is_boolean) && i + 1 < arguments.size()) {
                found.arguments.push_back(arguments[++i]);
            }
        } else if (!argument.empty()) {
            const std::string path = found.path.empty() ? argument : found.path + ' ' + argument;
            const CommandInfo* command = find_command(path);
            if (command == nullptr && !(found.path.empty() && argument == help_word)) {
                found.word = argument;
                open = false;
                continue;
            }
            found.path = path;
            found.arguments.pop_back();
            open = command != nullptr && command->is_group;
            if (open) {
                known = flags_of(*command);
            }
        }
    }
    return found;
}

bool asks_for_help(const ParsedFlags& parsed) {
    bool asked = false;
    for (const GivenFlag& given : parsed.given) {
        if (given.flag->name == help_word) {
            asked = given.value == "true";
        }
    }
    return asked;
}

/// The items of a list are split at commas, a list without separator is not.
void add_override(std::vector<config::Override>& overrides, const GivenFlag& given) {
    const config::Key& key = *given.flag->key;
    const bool is_list = key.type == config::ValueType::text_list;
    auto present = std::ranges::find(overrides, key.path, &config::Override::key);
    if (present == overrides.end()) {
        overrides.push_back({std::string(key.path), {}, std::string(key.flag)});
        present = std::prev(overrides.end());
    } else if (!is_list) {
        present->values.clear();
    }
    if (is_list && key.separator != 0) {
        for (const std::string_view item : text::split(given.value, ',')) {
            present->values.emplace_back(item);
        }
    } else {
        present->values.push_back(given.value);
    }
}

class Reader {
public:
    explicit Reader(std::string program) : program_(std::move(program)) {
        if (program_.empty()) {
            program_ = "arngate";
        }
        profile_ = program_ == "aws-iam-authenticator" ? config::Profile::reference : config::Profile::arngate;
    }

    std::variant<CommandLine, Message> read(std::span<const std::string> arguments) {
        const Found found = find_path(arguments);
        if (found.path == help_word) {
            return explain(found.arguments);
        }
        const CommandInfo* command = find_command(found.path);
        if (command == nullptr && found.word) {
            return unknown_command(*found.word);
        }
        const auto global = global_flags();
        const std::vector<Flag> flags =
            command == nullptr ? std::vector<Flag>{global.begin(), global.end()} : flags_of(*command);
        auto parsed = parse_flags(found.arguments, flags);
        const std::string help = command == nullptr ? program_help(program_) : command_help(program_, *command);
        if (!parsed) {
            Message message = misuse(parsed.error(), help);
            if (command != nullptr && command->command == Command::check) {
                message.status = usage_error;
            }
            return message;
        }
        if (asks_for_help(*parsed)) {
            return Message{success, help, {}};
        }
        if (command == nullptr || command->is_group) {
            // The Go program prints the help all the same.
            if (found.word && !is_reference()) {
                return unknown_command(command->name, *found.word);
            }
            if (!parsed->words.empty() && !is_reference()) {
                return misuse("no command can stand behind \"--\"", help);
            }
            return Message{success, help, {}};
        }
        if (command->command == Command::completion) {
            const std::string_view shell = command->name.substr(command->name.find(' ') + 1);
            return Message{success, completion_script(shell, program_), {}};
        }
        return command_line(*command, *std::move(parsed), help);
    }

private:
    [[nodiscard]] bool is_reference() const { return profile_ == config::Profile::reference; }

    [[nodiscard]] Message misuse(const std::string& what, std::string_view help) const {
        return {failure, is_reference() ? what + '\n' : std::string(), fmt::format("Error: {}\n\n{}", what, help)};
    }

    /// Words are shown: they stand where a command must, not where a token would.
    [[nodiscard]] Message unknown_command(std::string_view word) const { return unknown_command({}, word); }
    [[nodiscard]] Message unknown_command(std::string_view group, std::string_view word) const {
        std::vector<std::string_view> names;
        const std::size_t skipped = group.empty() ? 0 : group.size() + 1;
        for (const CommandInfo& command : commands()) {
            if (command.name.starts_with(group) && command.name.size() > skipped) {
                names.push_back(command.name.substr(skipped));
            }
        }
        const std::string_view nearest = config::nearest_word(word, names);
        const std::string what = fmt::format(
            "unknown command {} for \"{}{}{}\"{}",
            config::quote(word),
            program_,
            group.empty() ? "" : " ",
            group,
            nearest.empty() ? std::string() : fmt::format("; did you mean {}?", nearest)
        );
        return {
            failure,
            is_reference() ? what + '\n' : std::string(),
            fmt::format("Error: {}\nRun '{} --help' for usage.\n", what, program_)
        };
    }

    [[nodiscard]] Message explain(std::span<const std::string> arguments) const {
        const Found found = find_path(arguments);
        if (const CommandInfo* command = find_command(found.path); command != nullptr) {
            return {success, command_help(program_, *command), {}};
        }
        if (!found.word) {
            return {success, program_help(program_), {}};
        }
        const std::string what = fmt::format("Unknown help topic {}", config::quote(*found.word));
        if (is_reference()) {
            return {success, {}, fmt::format("{}\n{}", what, program_help(program_))};
        }
        return {failure, {}, fmt::format("Error: {}\n\n{}", what, program_help(program_))};
    }

    CommandLine command_line(const CommandInfo& command, ParsedFlags parsed, std::string help) const {
        CommandLine line;
        line.command = command.command;
        line.program = program_;
        line.usage = std::move(help);
        line.words = std::move(parsed.words);
        line.request.purpose = purpose_of(line.command);
        line.request.default_profile = profile_;
        for (GivenFlag& given : parsed.given) {
            if (given.flag->key != nullptr) {
                add_override(line.request.overrides, given);
            } else if (given.flag->name == "config") {
                line.request.file = std::move(given.value);
            } else if (given.flag->name != help_word) {
                line.own_flags.emplace_back(given.flag->name, std::move(given.value));
            }
        }
        return line;
    }

    static config::Purpose purpose_of(Command command) {
        switch (command) {
            case Command::server:
            case Command::init:
                return config::Purpose::server;
            case Command::health:
            case Command::cert_show:
            case Command::cert_rotate:
                return config::Purpose::inspection;
            default:
                return config::Purpose::client;
        }
    }

    std::string program_;
    config::Profile profile_ = config::Profile::arngate;
};

}  // namespace

std::string_view CommandLine::own_flag(std::string_view name) const {
    for (const auto& [given, value] : std::views::reverse(own_flags)) {
        if (given == name) {
            return value;
        }
    }
    return {};
}

std::variant<CommandLine, Message> parse_command_line(std::span<const std::string> arguments) {
    if (arguments.empty()) {
        return Reader({}).read({});
    }
    return Reader(std::filesystem::path(arguments.front()).filename().string()).read(arguments.subspan(1));
}

}  // namespace arngate::cli
