#include "core/aws/xml_reader.hpp"

#include "core/base/secret.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace arngate::aws {
namespace {

constexpr std::string_view declaration_start = "<?xml";
/// Of the longest reference, "&#x10FFFF;", with room for zeros in front.
constexpr std::size_t max_reference_bytes = 16;

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_name_start(char c) noexcept {
    return c == '_' || (text::is_alnum(c) && !text::is_digit(c));
}

bool is_name_char(char c) noexcept {
    return text::is_alnum(c) || c == '_' || c == '-' || c == '.' || c == ':';
}

// XML 1.0, production 2 (Char), for one code point.
bool is_character(std::uint32_t code) noexcept {
    return code == 0x9 || code == 0xA || code == 0xD || (code >= 0x20 && code <= 0xD7FF) ||
           (code >= 0xE000 && code <= 0xFFFD) || (code >= 0x10000 && code <= 0x10FFFF);
}

bool is_text_byte(char c) noexcept {
    return static_cast<unsigned char>(c) >= 0x20 || is_blank(c);
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | (code >> 6U));
        put(0x80 | (code & 0x3FU));
    } else if (code < 0x10000) {
        put(0xE0 | (code >> 12U));
        put(0x80 | ((code >> 6U) & 0x3FU));
        put(0x80 | (code & 0x3FU));
    } else {
        put(0xF0 | (code >> 18U));
        put(0x80 | ((code >> 12U) & 0x3FU));
        put(0x80 | ((code >> 6U) & 0x3FU));
        put(0x80 | (code & 0x3FU));
    }
}

/// What stands between '&' and ';'.
std::optional<std::uint32_t> referenced(std::string_view reference) noexcept {
    static constexpr std::array<std::pair<std::string_view, char>, 5> named{
        {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}
    };
    for (const auto& [name, character] : named) {
        if (reference == name) {
            return static_cast<std::uint32_t>(static_cast<unsigned char>(character));
        }
    }
    if (!reference.starts_with('#')) {
        return std::nullopt;
    }
    reference.remove_prefix(1);
    int base = 10;
    if (reference.starts_with('x')) {
        reference.remove_prefix(1);
        base = 16;
    }
    std::uint32_t code = 0;
    const char* const last = reference.data() + reference.size();
    const auto [end, failure] = std::from_chars(reference.data(), last, code, base);
    if (reference.empty() || failure != std::errc() || end != last || !is_character(code)) {
        return std::nullopt;
    }
    return code;
}

}  // namespace

XmlReader::XmlReader(std::string_view document) : rest_(document) {
    malformed_ = !skip_declaration();
}

XmlReader::~XmlReader() {
    wipe(text_);
}

XmlReader::Event XmlReader::fail() noexcept {
    malformed_ = true;
    return Event::malformed;
}

// XML 1.0, production 23 (XMLDecl).
bool XmlReader::skip_declaration() {
    if (!rest_.starts_with(declaration_start)) {
        return true;
    }
    rest_.remove_prefix(declaration_start.size());
    for (;;) {
        skip_blanks();
        if (rest_.starts_with("?>")) {
            rest_.remove_prefix(2);
            return true;
        }
        const std::string_view name = rest_.substr(0, rest_.find('='));
        if (!take_attribute()) {
            return false;
        }
        if (name == "encoding" && !text::iequals(text_, "utf-8")) {
            return false;
        }
    }
}

void XmlReader::skip_blanks() noexcept {
    while (!rest_.empty() && is_blank(rest_.front())) {
        rest_.remove_prefix(1);
    }
}

std::string_view XmlReader::take_name() noexcept {
    if (rest_.empty() || !is_name_start(rest_.front())) {
        return {};
    }
    const auto end = std::ranges::find_if_not(rest_.substr(0, max_name_bytes + 1), is_name_char);
    const auto size = static_cast<std::size_t>(end - rest_.begin());
    if (size > max_name_bytes) {
        return {};
    }
    const std::string_view name = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return name;
}

/// The value is left in text_.
bool XmlReader::take_attribute() {
    if (take_name().empty()) {
        return false;
    }
    skip_blanks();
    if (!rest_.starts_with('=')) {
        return false;
    }
    rest_.remove_prefix(1);
    skip_blanks();
    if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\'')) {
        return false;
    }
    const std::size_t end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) {
        return false;
    }
    const std::string_view value = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return value.find('<') == std::string_view::npos && decode(value);
}

bool XmlReader::decode(std::string_view raw) {
    text_.clear();
    while (!raw.empty()) {
        const std::size_t mark = raw.find('&');
        const std::string_view plain = raw.substr(0, mark);
        if (!std::ranges::all_of(plain, is_text_byte)) {
            return false;
        }
        text_.append(plain);
        if (mark == std::string_view::npos) {
            break;
        }
        raw.remove_prefix(mark + 1);
        const std::size_t end = raw.substr(0, max_reference_bytes).find(';');
        const auto code = end == std::string_view::npos ? std::nullopt : referenced(raw.substr(0, end));
        if (!code) {
            return false;
        }
        append_utf8(text_, *code);
        raw.remove_prefix(end + 1);
    }
    return true;
}

XmlReader::Event XmlReader::next() {
    if (malformed_) {
        return Event::malformed;
    }
    if (std::exchange(ended_, false)) {
        path_.pop_back();
    }
    if (std::exchange(empty_element_, false)) {
        ended_ = true;
        return Event::end;
    }
    if (path_.empty()) {
        skip_blanks();
        if (rest_.empty()) {
            return has_root_ ? Event::done : fail();
        }
        if (has_root_ || !rest_.starts_with('<')) {
            return fail();
        }
        has_root_ = true;
        return read_start();
    }
    if (!rest_.starts_with('<')) {
        return read_text();
    }
    return rest_.starts_with("</") ? read_end() : read_start();
}

XmlReader::Event XmlReader::read_text() {
    const std::size_t end = rest_.find('<');
    const std::string_view raw = rest_.substr(0, end);
    if (end == std::string_view::npos || raw.find("]]>") != std::string_view::npos || !decode(raw)) {
        return fail();
    }
    rest_.remove_prefix(end);
    return Event::text;
}

XmlReader::Event XmlReader::read_start() {
    rest_.remove_prefix(1);
    const std::string_view name = take_name();
    if (name.empty() || path_.size() == max_depth) {
        return fail();
    }
    for (;;) {
        const bool blank = !rest_.empty() && is_blank(rest_.front());
        skip_blanks();
        if (rest_.starts_with('>')) {
            rest_.remove_prefix(1);
            break;
        }
        if (rest_.starts_with("/>")) {
            rest_.remove_prefix(2);
            empty_element_ = true;
            break;
        }
        if (!blank || !take_attribute()) {
            return fail();
        }
    }
    path_.push_back(name);
    return Event::start;
}

XmlReader::Event XmlReader::read_end() {
    rest_.remove_prefix(2);
    const std::string_view name = take_name();
    skip_blanks();
    if (name.empty() || name != path_.back() || !rest_.starts_with('>')) {
        return fail();
    }
    rest_.remove_prefix(1);
    ended_ = true;
    return Event::end;
}

bool is_path(std::span<const std::string_view> path, std::span<const std::string_view> wanted) noexcept {
    return std::ranges::equal(path, wanted);
}

}  // namespace arngate::aws
