#include "config/plain_value.hpp"

#include "config/plain_scalar.hpp"
#include "core/base/byte_set.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace arngate::config {
namespace {

constexpr std::size_t max_key_bytes = 128;
/// So much room a map or list has at once because the one before had it; bounded, for they need not be alike.
constexpr std::size_t max_expected_size = 8;

constexpr text::ByteSet key_characters([](char c) { return text::is_alnum(c) || std::string_view("_-./").contains(c); }
);

/// What a plain value may begin with here: nothing that YAML gives a meaning to.
bool begins_plain(char c) noexcept {
    return text::is_alnum(c) || c == '_' || c == '/';
}

/// What ends a plain value inside brackets and braces, as yaml-cpp has it.
bool is_flow_mark(char c) noexcept {
    return c == ',' || c == '[' || c == ']' || c == '{' || c == '}' || c == '?';
}

std::string_view without_blanks_at_end(std::string_view text) noexcept {
    while (text.ends_with(' '))
        text.remove_suffix(1);
    return text;
}

}  // namespace

std::size_t plain_key_bytes(std::string_view text) noexcept {
    if (text.empty() || !begins_plain(text.front()))
        return 0;
    const std::size_t size = 1 + key_characters.run_length(text.substr(1));
    if (size == text.size() || text[size] != ':' || size > max_key_bytes)
        return 0;
    return size + 1 == text.size() || text[size + 1] == ' ' ? size : 0;
}

bool is_reserved_key(std::string_view key) noexcept {
    return text::iequals(key, "null");
}

bool PlainValues::spend(std::size_t bytes) noexcept {
    cost_ += 1 + bytes / 64;
    return cost_ <= max_yaml_cost;
}

bool PlainValues::open(Node& node, Node::Kind kind, Position at) {
    if (++depth_ > max_document_depth || !spend(0))
        return false;
    node.kind = kind;
    node.at = at;
    if (kind == Node::Kind::map) {
        node.members.reserve(sizes_.at(depth_));
    } else {
        node.items.reserve(sizes_.at(depth_));
    }
    return true;
}

void PlainValues::close(const Node& node) noexcept {
    const std::size_t size = node.kind == Node::Kind::map ? node.members.size() : node.items.size();
    sizes_[depth_--] = static_cast<std::uint8_t>(std::min(size, max_expected_size));
}

bool PlainValues::read(std::string_view written, Position at, Node& node) {
    const char first = written.front();
    const bool flow = first == '[' || first == '{';
    if (!flow && first != '"' && first != '\'')
        return read_plain(written, at, node);
    text_ = written;
    next_ = 0;
    start_ = at;
    return (flow ? read_flow(node) : read_quoted(node)) && ends_here();
}

/// Nothing but a comment may follow, with a blank before it.
bool PlainValues::ends_here() noexcept {
    const bool blank = is_at(' ');
    skip_blanks();
    return next_ == text_.size() || (blank && is_at('#'));
}

bool PlainValues::read_plain(std::string_view written, Position at, Node& node) {
    if (!begins_plain(written.front()))
        return false;
    if (written.find(' ') != std::string_view::npos) {
        written = without_blanks_at_end(written.substr(0, written.find(" #")));
        if (written.find(": ") != std::string_view::npos)
            return false;
    }
    if (written.back() == ':')
        return false;
    node.at = at;
    set_plain_scalar(node, written, dialect_);
    return spend(node.text.size());
}

/// What stands between quotes, which are passed; nothing, with the quotes where they were, if YAML may read it
/// otherwise: a quote that is doubled stands for itself, a backslash may be an escape.
std::string_view PlainValues::take_quoted() {
    const char quote = text_[next_];
    const std::size_t end = text_.find(quote, next_ + 1);
    if (end == std::string_view::npos || (end + 1 < text_.size() && text_[end + 1] == quote))
        return {};
    const std::string_view inside = text_.substr(next_ + 1, end - next_ - 1);
    if (inside.contains('\\'))
        return {};
    next_ = end + 1;
    return inside;
}

bool PlainValues::read_quoted(Node& node) {
    node.at = place();
    const std::size_t before = next_;
    const std::string_view inside = take_quoted();
    if (next_ == before || !spend(inside.size()))
        return false;
    node.kind = Node::Kind::text;
    node.text = inside;
    return true;
}

void PlainValues::skip_blanks() noexcept {
    while (is_at(' '))
        ++next_;
}

/// A value inside brackets or braces, or the outermost of these.
bool PlainValues::read_flow(Node& node) {
    if (next_ == text_.size())
        return false;
    const char first = text_[next_];
    if (first == '"' || first == '\'')
        return read_quoted(node);
    if (first != '[' && first != '{')
        return read_flow_plain(node);
    const bool list = first == '[';
    const char end = list ? ']' : '}';
    if (!open(node, list ? Node::Kind::list : Node::Kind::map, place()))
        return false;
    ++next_;
    skip_blanks();
    while (!is_at(end)) {
        if (!(list ? read_flow(node.items.emplace_back()) : read_flow_member(node)))
            return false;
        skip_blanks();
        if (is_at(end))
            break;
        if (!is_at(','))
            return false;
        ++next_;
        skip_blanks();
        if (is_at(end))  // a comma behind the last one
            return false;
    }
    ++next_;
    close(node);
    return true;
}

bool PlainValues::read_flow_member(Node& map) {
    const Position at = place();
    std::string_view key;
    if (is_at('"') || is_at('\'')) {
        key = take_quoted();
        if (key.empty() || key.size() > max_key_bytes || !key_characters.contains_all(key) || !is_at(':'))
            return false;
    } else {
        key = text_.substr(next_, plain_key_bytes(text_.substr(next_)));
        next_ += key.size();
    }
    if (key.empty() || is_reserved_key(key) || !spend(key.size()))
        return false;
    ++next_;
    if (!is_at(' '))
        return false;
    skip_blanks();
    Member& member = map.members.emplace_back();
    member.key = key;
    member.at = at;
    return read_flow(member.value);
}

bool PlainValues::read_flow_plain(Node& node) {
    if (!begins_plain(text_[next_]))
        return false;
    const Position at = place();
    const std::string_view rest = text_.substr(next_);
    const auto mark = std::ranges::find_if(rest, is_flow_mark);
    next_ += static_cast<std::size_t>(mark - rest.begin());
    const std::string_view written = without_blanks_at_end({rest.begin(), mark});
    const bool has_meaning = written.back() == ':' || written.find(": ") != std::string_view::npos ||
                             written.find(" #") != std::string_view::npos;
    if (has_meaning)
        return false;
    node.at = at;
    set_plain_scalar(node, written, dialect_);
    return spend(node.text.size());
}

}  // namespace arngate::config
