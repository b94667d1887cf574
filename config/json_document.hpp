#pragma once

#include "config/document.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace arngate::config {

/// Any JSON value (RFC 8259), strictly; for objects of the Kubernetes API. Keys keep their order; duplicates are kept.
/// Deeper than `max_document_depth` is refused. Positions are not kept, and the error's text quotes nothing.
[[nodiscard]] std::expected<Node, SyntaxError> read_json(std::string_view text);

/// One line, keys in their order. Numbers as they were written.
[[nodiscard]] std::string write_json(const Node& root);

}  // namespace arngate::config
