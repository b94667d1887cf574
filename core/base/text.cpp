#include "core/base/text.hpp"

#include "core/base/byte_set.hpp"
#include "core/base/percent_encoding.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace arngate::text {
namespace {

constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view standard_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view lower_hex = "0123456789abcdef";
constexpr std::string_view upper_hex = "0123456789ABCDEF";

/// What one letter of a group of four puts into the group's three bytes, which are the first three of the number's
/// bytes in memory; the fourth is not zero where the letter is not of the alphabet.
using LetterBits = std::array<std::uint32_t, 256>;

constexpr std::uint32_t in_memory_order(
    std::uint8_t first, std::uint8_t second, std::uint8_t third, std::uint8_t mark
) {
    return std::bit_cast<std::uint32_t>(std::array<std::uint8_t, 4>{first, second, third, mark});
}
constexpr std::uint32_t not_base64 = in_memory_order(0, 0, 0, 0xFF);

constexpr LetterBits make_letter_bits(unsigned place) {
    LetterBits bits{};
    bits.fill(not_base64);
    for (std::uint32_t value = 0; value < url_alphabet.size(); ++value) {
        const std::uint32_t group = value << (18 - 6 * place);
        const auto byte = [group](unsigned shift) { return static_cast<std::uint8_t>(group >> shift); };
        bits[static_cast<unsigned char>(url_alphabet[value])] = in_memory_order(byte(16), byte(8), byte(0), 0);
    }
    return bits;
}
constexpr std::array<LetterBits, 4> url_bits{
    make_letter_bits(0), make_letter_bits(1), make_letter_bits(2), make_letter_bits(3)
};

/// Of up to four letters.
std::uint32_t decode_group(std::string_view letters) noexcept {
    std::uint32_t group = 0;
    for (std::size_t place = 0; place < letters.size(); ++place) {
        group |= url_bits[place][static_cast<unsigned char>(letters[place])];
    }
    return group;
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

constexpr ByteSet unreserved_bytes(is_unreserved);

}  // namespace

std::string to_lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), ascii_lower);
    return out;
}

bool iequals_of_same_size(std::string_view a, std::string_view b) noexcept {
    // Mostly they are the same byte for byte.
    return a == b || std::ranges::equal(a, b, {}, ascii_lower, ascii_lower);
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
    const std::size_t size = base64url_decoded_size(text.size());
    char* write = out;
    std::uint32_t bad = 0;
    for (; text.size() > 4; text.remove_prefix(4), write += 3) {
        const std::uint32_t group = decode_group(text.substr(0, 4));
        bad |= group;
        std::memcpy(write, &group, sizeof group);  // there is room: at least one byte comes after these three
    }
    const std::uint32_t last = decode_group(text);
    bad |= last;
    std::memcpy(write, &last, size - static_cast<std::size_t>(write - out));
    if ((bad & not_base64) != 0) {
        return std::nullopt;
    }
    return size;
}

std::string base64url_encode(std::string_view bytes) {
    return encode(bytes, url_alphabet, false);
}

std::string base64_encode(std::string_view bytes) {
    return encode(bytes, standard_alphabet, true);
}

char* write_percent_encoded(char* out, std::string_view bytes) noexcept {
    for (;;) {
        const std::size_t plain = unreserved_bytes.run_length(bytes);
        out = std::ranges::copy(bytes.substr(0, plain), out).out;
        if (plain == bytes.size()) {
            return out;
        }
        const auto value = static_cast<unsigned char>(bytes[plain]);
        *out++ = '%';
        *out++ = upper_hex[value >> 4];
        *out++ = upper_hex[value & 15];
        bytes.remove_prefix(plain + 1);
    }
}

void append_percent_encoded(std::string& out, std::string_view bytes) {
    const std::size_t before = out.size();
    out.resize_and_overwrite(before + bytes.size() * percent_encoded_growth, [&](char* text, std::size_t) {
        return static_cast<std::size_t>(write_percent_encoded(text + before, bytes) - text);
    });
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
