#include "config/plain_yaml.hpp"

#include "config/plain_scalar.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace arngate::config {
namespace {

constexpr std::size_t max_key_bytes = 128;

bool is_key_character(char c) {
    return text::is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '/';
}

/// What a plain value may begin with here: nothing that YAML gives a meaning to.
bool begins_plain(char c) {
    return text::is_alnum(c) || c == '_' || c == '/';
}

/// The bytes of a key at the beginning of the content, or 0 if there is none.
std::size_t key_bytes(std::string_view content) {
    if (content.empty() || !begins_plain(content.front()))
        return 0;
    std::size_t size = 1;
    while (size < content.size() && is_key_character(content[size]))
        ++size;
    if (size == content.size() || content[size] != ':' || size > max_key_bytes)
        return 0;
    return size + 1 == content.size() || content[size + 1] == ' ' ? size : 0;
}

class Reader {
public:
    Reader(std::string_view text, YamlDialect dialect) : rest_(text), dialect_(dialect) {}

    std::optional<Node> read() {
        advance();
        if (!done_ && indent_ == 0 && content_ == "---")
            advance();
        if (done_ || indent_ != 0 || is_dash())
            return std::nullopt;
        Node root = read_map(0);
        if (failed_ || !done_)
            return std::nullopt;
        return root;
    }

private:
    /// Ends reading.
    Node fail() {
        failed_ = true;
        done_ = true;
        return {};
    }

    /// Goes to the next line that is neither blank nor a comment.
    void advance() {
        while (!rest_.empty()) {
            const std::size_t end = std::min(rest_.find('\n'), rest_.size());
            content_ = rest_.substr(0, end);
            rest_.remove_prefix(std::min(end + 1, rest_.size()));
            ++line_;
            if (std::ranges::any_of(content_, [](char c) { return c < 0x20 || c > 0x7e; })) {
                fail();
                return;
            }
            indent_ = std::min(content_.find_first_not_of(' '), content_.size());
            content_.remove_prefix(indent_);
            while (content_.ends_with(' '))
                content_.remove_suffix(1);
            if (indent_ == 0 && content_ == "...") {
                end_document();
                return;
            }
            if (!content_.empty() && content_.front() != '#')
                return;
        }
        done_ = true;
    }

    /// Nothing but blank lines may follow.
    void end_document() {
        if (rest_.find_first_not_of(" \n") != std::string_view::npos)
            fail();
        done_ = true;
    }

    [[nodiscard]] bool is_dash() const { return content_.starts_with("- "); }
    [[nodiscard]] bool is_at(std::size_t indent) const { return !done_ && indent_ == indent; }
    [[nodiscard]] bool is_below(std::size_t indent) const { return !done_ && indent_ > indent; }
    [[nodiscard]] Position place(std::size_t column) const { return {line_, static_cast<int>(column) + 1}; }

    bool open() {
        if (++depth_ > max_document_depth || ++cost_ > max_yaml_cost) {
            fail();
            return false;
        }
        return true;
    }

    Node read_map(std::size_t indent) {
        Node map;
        map.kind = Node::Kind::map;
        map.at = place(indent);
        if (!open())
            return {};
        while (is_at(indent) && !is_dash()) {
            const std::size_t size = key_bytes(content_);
            const std::string_view name = content_.substr(0, size);
            if (size == 0 || text::iequals(name, "null"))
                return fail();
            cost_ += 1 + size / 64;
            Member member{std::string(name), place(indent), {}};
            member.value = read_member_value(indent, size + 1);
            map.members.push_back(std::move(member));
        }
        --depth_;
        if (is_below(indent))
            return fail();
        return map;
    }

    Node read_member_value(std::size_t indent, std::size_t offset) {
        if (offset < content_.size())
            return read_value(indent, offset);
        advance();
        if (is_below(indent))
            return is_dash() ? read_list(indent_) : read_map(indent_);
        return is_at(indent) && is_dash() ? read_list(indent) : fail();
    }

    Node read_list(std::size_t indent) {
        Node list;
        list.kind = Node::Kind::list;
        list.at = place(indent);
        if (!open())
            return {};
        while (is_at(indent) && is_dash()) {
            const std::size_t offset = content_.find_first_not_of(' ', 1);
            if (key_bytes(content_.substr(offset)) == 0) {
                list.items.push_back(read_value(indent, offset));
                continue;
            }
            // The map begins in the line of its dash.
            content_.remove_prefix(offset);
            indent_ += offset;
            list.items.push_back(read_map(indent_));
        }
        --depth_;
        if (is_below(indent))
            return fail();
        return list;
    }

    /// The value in the rest of this line, which must not go on in the next one.
    Node read_value(std::size_t indent, std::size_t offset) {
        offset = content_.find_first_not_of(' ', offset);
        std::string_view written = content_.substr(offset);
        Node node =
            written.front() == '[' ? read_flow_list(written, indent + offset) : read_scalar(written, indent + offset);
        if (failed_)
            return {};
        advance();
        if (is_below(indent))
            return fail();
        return node;
    }

    Node read_flow_list(std::string_view written, std::size_t column) {
        Node list;
        list.kind = Node::Kind::list;
        list.at = place(column);
        if (!open())
            return {};
        --depth_;
        std::size_t at = 1;
        const auto skip_blanks = [&] { at = std::min(written.find_first_not_of(' ', at), written.size()); };
        skip_blanks();
        if (written.substr(at) == "]")
            return list;
        for (;;) {
            const std::string_view item = flow_item(written.substr(at));
            if (item.empty())
                return fail();
            list.items.push_back(read_scalar(item, column + at));
            at += item.size();
            skip_blanks();
            if (failed_ || at == written.size())
                return fail();
            if (written[at] == ']')
                break;
            if (written[at] != ',')
                return fail();
            ++at;
            skip_blanks();
        }
        if (at + 1 != written.size())
            return fail();
        return list;
    }

    /// A value in quotes, or a word without any character that means something inside brackets; empty if neither.
    static std::string_view flow_item(std::string_view text) {
        if (text.empty())
            return text;
        if (const char quote = text.front(); quote == '"' || quote == '\'') {
            const std::size_t end = text.find(quote, 1);
            return end == std::string_view::npos ? std::string_view() : text.substr(0, end + 1);
        }
        std::size_t size = 0;
        while (size < text.size() && (is_key_character(text[size]) || text[size] == ':'))
            ++size;
        return text.substr(0, size).ends_with(':') ? std::string_view() : text.substr(0, size);
    }

    /// A whole value in quotes or without.
    Node read_scalar(std::string_view written, std::size_t column) {
        cost_ += 1 + written.size() / 64;
        if (cost_ > max_yaml_cost)
            return fail();
        const char first = written.front();
        if (first == '"' || first == '\'') {
            // A second quote inside would be the end or an escape, a backslash may be one.
            const std::string_view inside = written.substr(1);
            if (inside.find(first) != inside.size() - 1 || inside.empty() || inside.contains('\\'))
                return fail();
            Node node;
            node.kind = Node::Kind::text;
            node.at = place(column);
            node.text = inside.substr(0, inside.size() - 1);
            return node;
        }
        if (!begins_plain(first) || written.ends_with(':') || written.contains(": ") || written.contains(" #"))
            return fail();
        return dialect_ == YamlDialect::kubernetes ? resolve_yaml_1_1_scalar(written, place(column))
                                                   : resolve_plain_scalar(written, place(column));
    }

    std::string_view rest_;
    YamlDialect dialect_;
    std::string_view content_;  ///< of the current line, without the blanks around it
    std::size_t indent_ = 0;
    int line_ = 0;
    std::size_t depth_ = 0;
    std::size_t cost_ = 0;
    bool done_ = false;  ///< there is no current line
    bool failed_ = false;
};

}  // namespace

std::optional<Node> read_plain_yaml(std::string_view text, YamlDialect dialect) {
    return Reader(text, dialect).read();
}

}  // namespace arngate::config
