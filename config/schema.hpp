#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace arngate::config {

enum class ValueType : std::uint8_t { text, boolean, integer, size, duration, text_list, enumeration, object_list };

/// One key: the single place that parsing, validation, flags, help, the JSON schema and the reference page read.
struct Key {
    std::string_view path;  ///< dotted, e.g. "server.port"; letter case does not matter in files
    ValueType type;
    std::string_view default_text;   ///< as it would be written; empty: none
    std::string_view constraint;     ///< for people, e.g. "1 to 65535"
    std::string_view flag;           ///< "--port", or empty
    char short_flag;                 ///< 'i', or 0
    std::string_view flag_commands;  ///< commands that have the flag, blank-separated; "*": all
    std::string_view environment;    ///< variables, blank-separated, or empty
    std::string_view description;
    bool reloadable;  ///< acts on SIGHUP without a restart
    bool obsolete;    ///< accepted and ignored, with a warning
};

[[nodiscard]] std::span<const Key> schema() noexcept;
/// Ignoring letter case; nullptr if there is no such key.
[[nodiscard]] const Key* find_key(std::string_view path) noexcept;
/// The known key most like this one, for "did you mean"; empty if nothing is near.
[[nodiscard]] std::string_view nearest_key(std::string_view path);

}  // namespace arngate::config
