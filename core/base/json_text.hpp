#pragma once

#include <string>
#include <string_view>

namespace arngate {

/// Appends the inside of a JSON string as Go's encoding/json writes it: '<', '>', '&', U+2028 and U+2029 are escaped,
/// and each byte that is not part of valid UTF-8 becomes U+FFFD.
void append_json_text(std::string& out, std::string_view text);

/// The same, in quotes.
void append_json_string(std::string& out, std::string_view text);
[[nodiscard]] std::string json_string(std::string_view text);

/// Appends the escape of one byte below 0x80 that does not stand for itself: the short one where there is one, such as
/// \n, else \u00XX.
void append_json_escape(std::string& out, char byte);

}  // namespace arngate
