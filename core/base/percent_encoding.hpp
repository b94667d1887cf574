#pragma once

#include <cstddef>
#include <string_view>

namespace arngate::text {

/// The most bytes that percent encoding makes of one.
inline constexpr std::size_t percent_encoded_growth = 3;

/// As append_percent_encoded, into a buffer that has room for the worst case: for secrets, of which no string may keep
/// a copy. Returns the end of what was written.
[[nodiscard]] char* write_percent_encoded(char* out, std::string_view bytes) noexcept;

}  // namespace arngate::text
