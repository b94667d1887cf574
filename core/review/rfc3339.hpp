#pragma once

#include <string_view>

namespace arngate::review {

/// Whether the text is a date and time of RFC 3339 (section 5.6, with upper-case T and Z) that exists in the calendar.
[[nodiscard]] bool is_rfc3339(std::string_view text) noexcept;

}  // namespace arngate::review
