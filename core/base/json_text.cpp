#include "core/base/json_text.hpp"

#include "core/base/byte_set.hpp"

#include <cstddef>

namespace arngate {
namespace {

constexpr unsigned char byte(char c) noexcept {
    return static_cast<unsigned char>(c);
}

/// Bytes that stand for themselves.
constexpr text::ByteSet plain_bytes([](char c) {
    return byte(c) >= 0x20U && byte(c) < 0x80U && !std::string_view("\"\\<>&").contains(c);
});

constexpr bool is_continuation(char c) noexcept {
    return (byte(c) & 0xC0U) == 0x80U;
}

/// The length of the UTF-8 sequence at the front, whose first byte is not ASCII; 0 if it is none. Table 3-7 of the
/// Unicode standard.
constexpr std::size_t sequence_length(std::string_view text) noexcept {
    const unsigned char first = byte(text[0]);
    const std::size_t length = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : 2;
    if (first < 0xC2U || first > 0xF4U || text.size() < length) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(text[i])) {
            return 0;
        }
    }
    const unsigned char second = byte(text[1]);
    const bool too_long = (first == 0xE0U && second < 0xA0U) || (first == 0xF0U && second < 0x90U);
    const bool surrogate = first == 0xEDU && second >= 0xA0U;
    const bool too_large = first == 0xF4U && second >= 0x90U;
    return too_long || surrogate || too_large ? 0 : length;
}

}  // namespace

void append_json_escape(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
        case '"':
        case '\\':
            out += {'\\', c};
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += digits[byte(c) >> 4U];
            out += digits[byte(c) & 0xFU];
            return;
    }
}

void append_json_text(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t plain = plain_bytes.run_length(text);
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) {
            return;
        }
        if (byte(text.front()) < 0x80U) {
            append_json_escape(out, text.front());
            text.remove_prefix(1);
            continue;
        }
        const std::size_t length = sequence_length(text);
        if (length == 0) {
            out += "\\ufffd";
            text.remove_prefix(1);
            continue;
        }
        const std::string_view sequence = text.substr(0, length);
        if (sequence == "\xe2\x80\xa8") {
            out += "\\u2028";
        } else if (sequence == "\xe2\x80\xa9") {
            out += "\\u2029";
        } else {
            out += sequence;
        }
        text.remove_prefix(length);
    }
}

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    append_json_text(out, text);
    out += '"';
}

std::string json_string(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

}  // namespace arngate
