#pragma once

#include "config/document.hpp"
#include "config/yaml_document.hpp"

#include <string>
#include <string_view>

namespace arngate::config {

/// Gives `node`, which is null and keeps its place, the value of a YAML scalar written without quotes. By the rules of
/// Go's yaml.v3 "0123" is octal, "012345678901" (no octal digits) a decimal number without its zero, "0x1F" and "1_000"
/// are numbers, "yes" is text; by those of yaml.v2, which are YAML 1.1's, "yes", "on", "n" and their like are booleans,
/// too.
void set_plain_scalar(Node& node, std::string_view written, YamlDialect dialect);

/// The number in plain decimal, as Go prints it into text: no exponent, no more digits than needed.
[[nodiscard]] std::string decimal_text(double number);

}  // namespace arngate::config
