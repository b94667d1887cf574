#pragma once

#include "config/document.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace arngate::config {

enum class KeyOrder : std::uint8_t { as_given, sorted };

/// A document in block style as Go's yaml.v2 lays it out, which is what kubectl and aws-iam-authenticator print: lists
/// are not indented under their key, texts of several lines stand after "|". Every text reads back as the same text
/// under YAML 1.1 and 1.2 alike: what either would take for a number, a boolean, a date, null or a structure is quoted.
[[nodiscard]] std::string write_yaml(const Node& root, KeyOrder order);

/// Whether a plain scalar of these letters is something else than a text to YAML 1.1 or 1.2 ("yes", "0x1F", "1:30",
/// "2001-01-01", "~", "012345678901").
[[nodiscard]] bool is_misread_when_plain(std::string_view text);

}  // namespace arngate::config
