#pragma once

#include "config/document.hpp"
#include "config/schema.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace arngate::config {

/// The value of one key, inside the limits of its row. Nothing: the word "none" of a duration. Integers are the number,
/// bytes or milliseconds.
using Value = std::variant<std::monostate, bool, std::int64_t, std::string, std::vector<std::string>>;

struct WrongValue {
    Position at;  ///< of the value, or of the item of a list
    std::string found;
    std::string expected;
    std::string advice;
};

/// Reads what stands in a document, an override or the schema's own default, with the conversions of
/// aws-iam-authenticator: numbers and booleans become text where text is wanted, text is read where a number or boolean
/// is wanted, and one text becomes a list. Not for keys of type object_list.
[[nodiscard]] std::expected<Value, WrongValue> parse_value(const Key& key, const Node& node);

/// The words that Go's strconv.ParseBool takes, such as "true", "T" and "1"; nothing for another.
[[nodiscard]] std::optional<bool> parse_boolean(std::string_view text);
/// "5m", "1h30m", "250ms", "1.5s", or a plain number of seconds, in milliseconds. Nothing if it is not of this form,
/// not a whole number of milliseconds, or longer than a year.
[[nodiscard]] std::optional<std::int64_t> parse_duration(std::string_view text);
/// "64KiB", "8Mi", "1GiB" or a number of bytes. Nothing if it is not of this form or 2^53 or more.
[[nodiscard]] std::optional<std::int64_t> parse_size(std::string_view text);
/// A decimal number that fits, with an optional minus.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

/// The text of a scalar as Go's cast and viper packages give it; "" of nothing. Not for lists and maps.
[[nodiscard]] std::string scalar_text(const Node& node);
/// The pieces between separators; with ' ' those between runs of blanks. No pieces of an empty text.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text, char separator);
/// What a key takes, for `Problem::expected`.
[[nodiscard]] std::string expected_text(const Key& key);

}  // namespace arngate::config
