#pragma once

#include "config/document.hpp"

#include <string>
#include <string_view>

namespace arngate::config {

/// The value of a YAML scalar written without quotes, by the rules of Go's yaml.v3: "0123" is octal, "012345678901"
/// (no octal digits) a decimal number without its zero, "0x1F" and "1_000" are numbers, "yes" is text.
[[nodiscard]] Node resolve_plain_scalar(std::string_view written, Position at);

/// The same by the rules of YAML 1.1 as Go's yaml.v2 has them: "yes", "on", "n" and their like are booleans, too.
[[nodiscard]] Node resolve_yaml_1_1_scalar(std::string_view written, Position at);

/// The number in plain decimal, as Go prints it into text: no exponent, no more digits than needed.
[[nodiscard]] std::string decimal_text(double number);

}  // namespace arngate::config
