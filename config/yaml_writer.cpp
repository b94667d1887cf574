#include "config/yaml_writer.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace arngate::config {
namespace {

/// Beyond it yaml.v2 writes a key after "?". Readers take 1024 characters of a key without that mark, and an escape has
/// four for a byte.
constexpr std::size_t longest_simple_key = 128;

bool is_letter(char c) {
    return text::is_alnum(c) && !text::is_digit(c);
}

/// As yaml.v2 sorts keys: what is no letter before letters.
bool key_before(std::string_view a, std::string_view b) {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        if (a[i] == b[i])
            continue;
        if (is_letter(a[i]) != is_letter(b[i]))
            return is_letter(b[i]);
        return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
    }
    return a.size() < b.size();
}

/// Of U+0080 to U+009F, control characters too; not of what only begins like one, in a text that is not UTF-8.
bool is_late_control(std::string_view text, std::size_t at) {
    return text[at] == '\xc2' && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0x80 &&
           static_cast<unsigned char>(text[at + 1]) < 0xa0;
}

/// Bytes that a double-quoted text has to escape. Bytes beyond ASCII count as such when they are not plain letters:
/// line and paragraph separators, and the byte order mark.
bool is_special(std::string_view text) {
    constexpr std::array<std::string_view, 4> separators{"\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf"};
    const auto is_control = [](char c) { return text::is_control(c) && c != '\n'; };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_late_control(text, i))
            return true;
    }
    return std::ranges::any_of(text, is_control) ||
           std::ranges::any_of(separators, [&](std::string_view one) { return text.contains(one); });
}

/// Whether the plain form has no other meaning in block context (YAML 1.1, section 9.1.3), whatever it resolves to.
bool has_plain_form(std::string_view text) {
    constexpr std::string_view never_first = "#,[]{}&*!|>'\"%@`";
    if (text.empty() || text.front() == ' ' || text.back() == ' ' || never_first.contains(text.front()))
        return false;
    if (text.starts_with("---") || text.starts_with("..."))
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool ends_word = i + 1 == text.size() || text[i + 1] == ' ';
        const bool indicator = text[i] == ':' || (i == 0 && (text[i] == '-' || text[i] == '?'));
        if ((indicator && ends_word) || (text[i] == '#' && i > 0 && text[i - 1] == ' '))
            return false;
    }
    return true;
}

std::string double_quoted(std::string_view text) {
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c == '\r') {
            out += "\\r";
        } else if (text::is_control(c)) {
            out += fmt::format("\\x{:02X}", byte);
        } else if (is_late_control(text, i)) {
            out += fmt::format("\\x{:02X}", static_cast<unsigned char>(text[++i]));
        } else if (text.substr(i, 3) == "\xe2\x80\xa8" || text.substr(i, 3) == "\xe2\x80\xa9") {
            out += text[i + 2] == '\xa8' ? "\\L" : "\\P";
            i += 2;
        } else if (text.substr(i, 3) == "\xef\xbb\xbf") {
            out += "\\uFEFF";
            i += 2;
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string single_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out += c;
        if (c == '\'')
            out += c;
    }
    return out + '\'';
}

std::string scalar(std::string_view text) {
    if (is_special(text) || text.contains('\n') || is_misread_when_plain(text))
        return double_quoted(text);
    return has_plain_form(text) ? std::string(text) : single_quoted(text);
}

/// Whether "|" can hold the text: no line ends in a blank.
bool has_block_form(std::string_view text) {
    return text.contains('\n') && !is_special(text) && !text.contains(" \n") && !text.ends_with(' ') &&
           text.find_first_not_of('\n') != text.npos;
}

class Writer {
public:
    explicit Writer(KeyOrder order) : order_(order) {}

    void document(const Node& root) {
        if (is_block(root))
            block(root, 0, 0);
        else
            value(root, 0);
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    static bool is_block(const Node& node) { return !node.items.empty() || !node.members.empty(); }

    void indent(std::size_t columns) { out_.append(columns, ' '); }

    /// The lines of a list or map at this column; the first one is already indented by `done`.
    void block(const Node& node, std::size_t column, std::size_t done) {
        if (node.kind == Node::Kind::list) {
            for (const Node& item : node.items) {
                indent(column - std::exchange(done, 0));
                out_ += "- ";
                if (is_block(item))
                    block(item, column + 2, column + 2);
                else
                    value(item, column + 2);
            }
            return;
        }
        for (const Member* member : members(node)) {
            indent(column - std::exchange(done, 0));
            if (member->key.size() > longest_simple_key)
                long_key(*member, column);
            else
                simple_key(*member, column);
        }
    }

    void simple_key(const Member& member, std::size_t column) {
        out_ += scalar(member.key);
        out_ += ':';
        const Node& inner = member.value;
        if (is_block(inner)) {
            out_ += '\n';
            block(inner, inner.kind == Node::Kind::list ? column : column + 2, 0);
        } else {
            out_ += ' ';
            value(inner, column + 2);
        }
    }

    void long_key(const Member& member, std::size_t column) {
        out_ += "? ";
        out_ += scalar(member.key);
        out_ += '\n';
        indent(column);
        out_ += ": ";
        if (is_block(member.value))
            block(member.value, column + 2, column + 2);
        else
            value(member.value, column + 2);
    }

    /// The rest of a line, or the lines of a text, whose lines start at this column.
    void value(const Node& node, std::size_t column) {
        switch (node.kind) {
            case Node::Kind::null:
                out_ += "null";
                break;
            case Node::Kind::list:
                out_ += "[]";
                break;
            case Node::Kind::map:
                out_ += "{}";
                break;
            case Node::Kind::boolean:
                out_ += node.text;
                break;
            case Node::Kind::number:
                out_ += node.written.empty() ? node.text : node.written;
                break;
            case Node::Kind::text:
                if (has_block_form(node.text)) {
                    lines(node.text, column);
                    return;
                }
                out_ += scalar(node.text);
                break;
        }
        out_ += '\n';
    }

    void lines(std::string_view text, std::size_t column) {
        out_ += '|';
        if (text.front() == ' ' || text.front() == '\n')
            out_ += '2';
        const bool ends = text.ends_with('\n');
        if (!ends)
            out_ += '-';
        else if (text.ends_with("\n\n"))
            out_ += '+';
        out_ += '\n';
        if (ends)
            text.remove_suffix(1);
        for (const std::string_view line : text::split(text, '\n')) {
            indent(line.empty() ? 0 : std::max<std::size_t>(column, 2));
            out_ += line;
            out_ += '\n';
        }
    }

    [[nodiscard]] std::vector<const Member*> members(const Node& node) const {
        std::vector<const Member*> all;
        all.reserve(node.members.size());
        for (const Member& member : node.members)
            all.push_back(&member);
        if (order_ == KeyOrder::sorted) {
            std::ranges::sort(all, [](const Member* a, const Member* b) { return key_before(a->key, b->key); });
        }
        return all;
    }

    KeyOrder order_;
    std::string out_;
};

}  // namespace

bool is_misread_when_plain(std::string_view text) {
    constexpr std::array<std::string_view, 12> words{
        "", "~", "null", "y", "n", "yes", "no", "on", "off", "true", "false", "<<"
    };
    if (text == "=" || std::ranges::any_of(words, [&](std::string_view word) { return text::iequals(word, text); }))
        return true;
    // Numbers of any base, base 60, dates, infinities: cautious, as quotes never hurt.
    std::string_view rest = text;
    if (rest.starts_with('-') || rest.starts_with('+'))
        rest.remove_prefix(1);
    if (text::iequals(rest, ".inf") || text::iequals(rest, ".nan"))
        return true;
    if (rest.starts_with('.'))
        rest.remove_prefix(1);
    if (rest.empty() || !text::is_digit(rest.front()))
        return false;
    constexpr std::string_view others = "_.:+-xXoOtTzZ ";
    return std::ranges::all_of(rest, [&](char c) {
        return text::is_digit(c) || others.contains(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
}

std::string write_yaml(const Node& root, KeyOrder order) {
    Writer writer(order);
    writer.document(root);
    return writer.take();
}

}  // namespace arngate::config
