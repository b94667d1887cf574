#pragma once

#include "config/document.hpp"

#include <cstddef>
#include <expected>
#include <string_view>

namespace arngate::config {

/// What one YAML document may hold once its aliases are written out: each value counts one, and one more for every 64
/// bytes of its text. A few aliases of aliases would otherwise become gigabytes.
inline constexpr std::size_t max_yaml_cost = 2'000'000;

/// YAML 1.2, and with it JSON. Plain scalars are numbers, booleans or text as in Go's yaml.v3, so that files mean what
/// they mean to aws-iam-authenticator. Exactly one document, or none (null). Keys are texts; "<<" merges. Duplicate
/// keys are kept: `parse_document` names them.
[[nodiscard]] std::expected<Node, SyntaxError> read_yaml(std::string_view text);

}  // namespace arngate::config
