#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace arngate::text {
namespace {

constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view standard_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view lower_hex = "0123456789abcdef";
constexpr std::string_view upper_hex = "0123456789ABCDEF";

constexpr std::uint8_t not_base64 = 0xFF;

constexpr std::array<std::uint8_t, 256> make_url_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(not_base64);
    for (std::size_t i = 0; i < url_alphabet.size(); ++i) {
        values[static_cast<unsigned char>(url_alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}
constexpr auto url_values = make_url_values();

std::uint8_t url_value(char c) noexcept {
    return url_values[static_cast<unsigned char>(c)];
}

int hex_value(char c) noexcept {
    if (is_digit(c)) {
        return c - '0';
    }
    const char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string encode(std::string_view bytes, std::string_view alphabet, bool padded) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::size_t i = 0;
    const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at])); };
    for (; i + 3 <= bytes.size(); i += 3) {
        const std::uint32_t group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        out += alphabet[group >> 18];
        out += alphabet[group >> 12 & 63];
        out += alphabet[group >> 6 & 63];
        out += alphabet[group & 63];
    }
    const std::size_t rest = bytes.size() - i;
    if (rest > 0) {
        const std::uint32_t group = byte(i) << 16 | (rest == 2 ? byte(i + 1) << 8 : 0);
        out += alphabet[group >> 18];
        out += alphabet[group >> 12 & 63];
        if (rest == 2) {
            out += alphabet[group >> 6 & 63];
        }
        if (padded) {
            out.append(3 - rest, '=');
        }
    }
    return out;
}

constexpr std::array<bool, 256> unreserved_bytes = [] {
    std::array<bool, 256> unreserved{};
    for (std::size_t c = 0; c < 128; ++c) {
        unreserved[c] = is_unreserved(static_cast<char>(c));
    }
    return unreserved;
}();

}  // namespace

std::string to_lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), ascii_lower);
    return out;
}

bool iequals(std::string_view a, std::string_view b) noexcept {
    // Mostly they are told apart by their size, or are the same byte for byte.
    return a.size() == b.size() && (a == b || std::ranges::equal(a, b, {}, ascii_lower, ascii_lower));
}

std::string_view trim(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> pieces;
    std::size_t start = 0;
    for (;;) {
        const auto end = text.find(separator, start);
        pieces.push_back(text.substr(start, end == std::string_view::npos ? end : end - start));
        if (end == std::string_view::npos) {
            return pieces;
        }
        start = end + 1;
    }
}

std::string hex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto value = static_cast<unsigned char>(c);
        out += lower_hex[value >> 4];
        out += lower_hex[value & 15];
    }
    return out;
}

std::optional<std::size_t> base64url_decode(std::string_view text, char* out) noexcept {
    const std::size_t rest = text.size() % 4;
    if (rest == 1) {
        return std::nullopt;
    }
    const std::size_t whole = text.size() - rest;
    char* write = out;
    std::uint32_t bad = 0;
    for (std::size_t i = 0; i < whole; i += 4) {
        const std::uint32_t a = url_value(text[i]);
        const std::uint32_t b = url_value(text[i + 1]);
        const std::uint32_t c = url_value(text[i + 2]);
        const std::uint32_t d = url_value(text[i + 3]);
        bad |= a | b | c | d;  // values stay below 64, the mark for "not base64" does not
        const std::uint32_t group = a << 18 | b << 12 | c << 6 | d;
        *write++ = static_cast<char>(group >> 16);
        *write++ = static_cast<char>(group >> 8);
        *write++ = static_cast<char>(group);
    }
    if (rest >= 2) {
        const std::uint32_t a = url_value(text[whole]);
        const std::uint32_t b = url_value(text[whole + 1]);
        const std::uint32_t c = rest == 3 ? url_value(text[whole + 2]) : 0;
        bad |= a | b | c;
        const std::uint32_t group = a << 18 | b << 12 | c << 6;
        *write++ = static_cast<char>(group >> 16);
        if (rest == 3) {
            *write++ = static_cast<char>(group >> 8);
        }
    }
    if ((bad & 0xC0U) != 0) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(write - out);
}

std::string base64url_encode(std::string_view bytes) {
    return encode(bytes, url_alphabet, false);
}

std::string base64_encode(std::string_view bytes) {
    return encode(bytes, standard_alphabet, true);
}

void append_percent_encoded(std::string& out, std::string_view bytes) {
    while (!bytes.empty()) {
        std::size_t plain = 0;
        while (plain < bytes.size() && unreserved_bytes[static_cast<unsigned char>(bytes[plain])]) {
            ++plain;
        }
        out += bytes.substr(0, plain);
        if (plain == bytes.size()) {
            return;
        }
        const auto value = static_cast<unsigned char>(bytes[plain]);
        out += {'%', upper_hex[value >> 4], upper_hex[value & 15]};
        bytes.remove_prefix(plain + 1);
    }
}

std::string percent_encode(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 4);
    append_percent_encoded(out, bytes);
    return out;
}

std::optional<std::size_t> percent_decode_query(std::string_view text, char* out) noexcept {
    char* write = out;
    std::size_t plus = std::min(text.find('+'), text.size());
    std::size_t percent = std::min(text.find('%'), text.size());
    for (std::size_t i = 0;;) {
        const std::size_t next = std::min(plus, percent);
        if (next > i) {
            std::memmove(write, text.data() + i, next - i);
            write += next - i;
        }
        if (next == text.size()) {
            return static_cast<std::size_t>(write - out);
        }
        if (next == plus) {
            *write++ = ' ';
            i = next + 1;
            plus = std::min(text.find('+', i), text.size());
            continue;
        }
        if (text.size() - next < 3) {
            return std::nullopt;
        }
        const int high = hex_value(text[next + 1]);
        const int low = hex_value(text[next + 2]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        *write++ = static_cast<char>(high << 4 | low);
        i = next + 3;
        percent = std::min(text.find('%', i), text.size());
    }
}

}  // namespace arngate::text
