#include "daemon/cli/flag_parser.hpp"

#include "config/problem.hpp"
#include "config/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace arngate::cli {

namespace {

class Parser {
public:
    Parser(std::span<const std::string> arguments, std::span<const Flag> flags) : rest_(arguments), flags_(flags) {}

    std::expected<ParsedFlags, std::string> run() {
        while (!rest_.empty() && error_.empty()) {
            const std::string& argument = take();
            if (argument.size() < 2 || argument.front() != '-') {
                result_.words.push_back(argument);
            } else if (argument == "--") {
                result_.words.insert(result_.words.end(), rest_.begin(), rest_.end());
                break;
            } else if (argument[1] == '-') {
                read_long(std::string_view(argument).substr(2));
            } else {
                read_short(std::string_view(argument).substr(1));
            }
        }
        if (!error_.empty()) {
            return std::unexpected(std::move(error_));
        }
        return std::move(result_);
    }

private:
    const std::string& take() {
        const std::string& first = rest_.front();
        rest_ = rest_.subspan(1);
        return first;
    }

    void read_long(std::string_view text) {
        const std::size_t equals = text.find('=');
        const std::string_view name = text.substr(0, equals);
        if (name.empty() || name.front() == '-') {
            error_ = fmt::format("bad flag syntax: --{}", name);
            return;
        }
        const Flag* flag = find_flag(flags_, name);
        if (flag == nullptr) {
            error_ = unknown(name);
        } else if (equals != std::string_view::npos) {
            add(*flag, std::string(text.substr(equals + 1)));
        } else if (flag->is_boolean) {
            add(*flag, "true");
        } else if (rest_.empty()) {
            error_ = fmt::format("flag needs an argument: --{}", name);
        } else {
            add(*flag, take());
        }
    }

    /// One letter after the other, until one takes the rest as its value.
    void read_short(std::string_view letters) {
        const std::string_view all = letters;
        while (!letters.empty() && error_.empty()) {
            const char letter = letters.front();
            const Flag* flag = find_flag(flags_, letter);
            if (flag == nullptr) {
                const std::string seen(all.substr(0, all.size() - letters.size() + 1));
                error_ = fmt::format("unknown shorthand flag: {} in {}", quoted(letter), config::quote("-" + seen));
            } else if (letters.size() > 2 && letters[1] == '=') {
                add(*flag, std::string(letters.substr(2)));
                return;
            } else if (flag->is_boolean) {
                add(*flag, "true");
                letters.remove_prefix(1);
            } else if (letters.size() > 1) {
                add(*flag, std::string(letters.substr(1)));
                return;
            } else if (rest_.empty()) {
                error_ = fmt::format("flag needs an argument: '{0}' in -{0}", letter);
            } else {
                add(*flag, take());
                return;
            }
        }
    }

    static std::string quoted(char letter) {
        return letter > 0x20 && letter < 0x7f ? fmt::format("'{}'", letter) : config::quote(std::string(1, letter));
    }

    void add(const Flag& flag, std::string value) {
        if (flag.is_boolean) {
            const auto is_set = config::parse_boolean(value);
            if (!is_set) {
                error_ = fmt::format("invalid argument for \"--{}\" flag: expected true or false", flag.name);
                return;
            }
            value = *is_set ? "true" : "false";
        }
        result_.given.push_back({&flag, std::move(value)});
    }

    [[nodiscard]] std::string unknown(std::string_view name) const {
        std::vector<std::string_view> names;
        for (const Flag& flag : flags_) {
            names.push_back(flag.name);
        }
        const std::string quoted = config::quote(name);
        const std::string shown = quoted.substr(1, quoted.size() - 2);
        const std::string_view nearest = config::nearest_word(name, names);
        return nearest.empty() ? fmt::format("unknown flag: --{}", shown)
                               : fmt::format("unknown flag: --{}; did you mean --{}?", shown, nearest);
    }

    std::span<const std::string> rest_;
    std::span<const Flag> flags_;
    ParsedFlags result_;
    std::string error_;
};

}  // namespace

std::expected<ParsedFlags, std::string> parse_flags(
    std::span<const std::string> arguments, std::span<const Flag> flags
) {
    return Parser(arguments, flags).run();
}

const Flag* find_flag(std::span<const Flag> flags, std::string_view name) noexcept {
    const auto found = std::ranges::find(flags, name, &Flag::name);
    return found == flags.end() ? nullptr : &*found;
}

const Flag* find_flag(std::span<const Flag> flags, char short_name) noexcept {
    if (short_name == 0) {
        return nullptr;
    }
    const auto found = std::ranges::find(flags, short_name, &Flag::short_name);
    return found == flags.end() ? nullptr : &*found;
}

}  // namespace arngate::cli
