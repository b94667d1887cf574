#pragma once

#include "config/schema.hpp"

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::cli {

/// A flag that a command takes.
struct Flag {
    std::string_view name;             ///< without its hyphens
    char short_name = 0;               ///< or 0
    bool is_boolean = false;           ///< may stand without a value, which means true
    std::string_view value_name{};     ///< for help, e.g. "FILE"
    std::string_view choices{};        ///< words that it takes, blank-separated; empty: others too
    std::string help{};                ///< one paragraph
    const config::Key* key = nullptr;  ///< the key that it sets; null: the command reads it itself
};

struct GivenFlag {
    const Flag* flag = nullptr;
    std::string value;  ///< of a boolean "true" or "false", however it was written
};

struct ParsedFlags {
    std::vector<GivenFlag> given;    ///< in the order written
    std::vector<std::string> words;  ///< what belongs to no flag, and all behind "--"
};

/// Reads arguments as the pflag library of Go does: --name value, --name=value, -n value, -nvalue, -n=value, short
/// booleans joined (-ab, and -abn value), flags and words in any order, "--" ends the flags. The flags must outlive the
/// result. Fails with a text that names the flag and never shows a value.
[[nodiscard]] std::expected<ParsedFlags, std::string> parse_flags(
    std::span<const std::string> arguments, std::span<const Flag> flags
);

[[nodiscard]] const Flag* find_flag(std::span<const Flag> flags, std::string_view name) noexcept;
[[nodiscard]] const Flag* find_flag(std::span<const Flag> flags, char short_name) noexcept;

}  // namespace arngate::cli
