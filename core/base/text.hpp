#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Byte-wise text: ASCII only, no locale.
namespace arngate::text {

[[nodiscard]] constexpr char ascii_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_alnum(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/// C0 controls and DEL. `char` has a sign on some machines and none on others: bytes beyond ASCII are no controls on
/// any.
[[nodiscard]] constexpr bool is_control(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}
/// Unreserved characters of RFC 3986, section 2.3.
[[nodiscard]] constexpr bool is_unreserved(char c) noexcept {
    return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

[[nodiscard]] std::string to_lower(std::string_view text);
/// As `iequals`, of texts of the same size.
[[nodiscard]] bool iequals_of_same_size(std::string_view a, std::string_view b) noexcept;
/// Equal when ASCII letters are folded; every other byte must be the same. The sizes are looked at where it is called,
/// for most texts are told apart by them.
[[nodiscard]] inline bool iequals(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && iequals_of_same_size(a, b);
}
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;
/// Splits at every separator; an empty text gives one empty piece.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// Lower-case hex of the bytes.
[[nodiscard]] std::string hex(std::string_view bytes);

/// Unpadded base64url (RFC 4648, section 5), strictly: no padding, blanks or line ends, no length of 1 modulo 4.
/// Left-over low bits need not be zero. `out` must hold `base64url_decoded_size(text.size())` bytes.
/// Returns the number of bytes written, or nothing if the text is not of this form.
[[nodiscard]] std::optional<std::size_t> base64url_decode(std::string_view text, char* out) noexcept;
[[nodiscard]] constexpr std::size_t base64url_decoded_size(std::size_t encoded) noexcept {
    return encoded / 4 * 3 + (encoded % 4 == 0 ? 0 : encoded % 4 - 1);
}
[[nodiscard]] std::string base64url_encode(std::string_view bytes);
/// Standard alphabet, padded, one line (RFC 4648, section 4).
[[nodiscard]] std::string base64_encode(std::string_view bytes);

/// RFC 3986: unreserved characters stay, all else becomes %XX with upper-case hex. Appends to `out`.
void append_percent_encoded(std::string& out, std::string_view bytes);
[[nodiscard]] std::string percent_encode(std::string_view bytes);
/// Decodes %XX and, as in a query, '+' to a blank. `out` may be the text itself (the result is never longer).
/// Returns the number of bytes written, or nothing for a broken escape.
[[nodiscard]] std::optional<std::size_t> percent_decode_query(std::string_view text, char* out) noexcept;

}  // namespace arngate::text
