#pragma once

#include "config/document.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

namespace arngate::config {

/// What one YAML document may hold once its aliases are written out: each value counts one, and one more for every 64
/// bytes of its text. A few aliases of aliases would otherwise become gigabytes.
inline constexpr std::size_t max_yaml_cost = 2'000'000;

/// Which YAML is read.
enum class YamlDialect : std::uint8_t {
    configuration,  ///< scalars as in Go's yaml.v3; exactly one document, or none (null)
    kubernetes,     ///< scalars of YAML 1.1, as in Go's yaml.v2: "yes" is a boolean; only the first document is read
};

/// YAML 1.2, and with it JSON. Plain scalars are numbers, booleans or text as the dialect has them, so that files mean
/// what they mean to aws-iam-authenticator. Keys are texts; "<<" merges. Duplicate keys are kept: `parse_document`
/// names them.
[[nodiscard]] std::expected<Node, SyntaxError> read_yaml(
    std::string_view text, YamlDialect dialect = YamlDialect::configuration
);

}  // namespace arngate::config
