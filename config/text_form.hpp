#pragma once

#include "config/schema.hpp"

#include <string_view>

namespace arngate::config {

/// Whether the text is of the form. No form allows control characters; only `any` allows the empty text.
[[nodiscard]] bool has_form(std::string_view text, TextForm form);

[[nodiscard]] bool is_ip_address(std::string_view text);

}  // namespace arngate::config
