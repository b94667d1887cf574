#pragma once

#include "config/document.hpp"

#include <expected>
#include <string_view>

namespace arngate::config {

/// TOML 1.0. Dates and times are texts. Members come in the order written.
[[nodiscard]] std::expected<Node, SyntaxError> read_toml(std::string_view text);

}  // namespace arngate::config
