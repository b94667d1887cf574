#pragma once

#include "config/document.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

namespace arngate::config {

/// What one YAML document may hold once its aliases are written out: each value counts one, and one more for every 64
/// bytes of its text. A few aliases of aliases would otherwise become gigabytes.
inline constexpr std::size_t max_yaml_cost = 2'000'000;

/// From this size on a text is worth to be tried by read_plain_yaml first.
inline constexpr std::size_t large_yaml_bytes = 64U * 1024;

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

/// The documents of a file, with "---" between them; their aliases share one max_yaml_cost. Lines count from the
/// beginning of the file.
[[nodiscard]] std::expected<std::vector<Node>, SyntaxError> read_yaml_documents(
    std::string_view text, YamlDialect dialect
);

/// What is advised where a template without quotes broke the YAML.
inline constexpr std::string_view quote_templates =
    "A value with {{ }} must stand in quotes, as in username: \"{{SessionName}}\".";

}  // namespace arngate::config
