#include "config/plain_yaml.hpp"

#include "config/plain_value.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace arngate::config {
namespace {

/// Whether all is printable ASCII or the end of a line. Without a way out in the loop, so that it takes many at a time.
bool is_plain_text(std::string_view text) noexcept {
    bool other = false;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        other |= (byte < 0x20 && c != '\n') || byte >= 0x7f;
    }
    return !other;
}

/// A member function that returns false has met what is not for the short way; reading has to end there.
class Reader {
public:
    Reader(std::string_view text, YamlDialect dialect) : rest_(text), values_(dialect) {}

    std::optional<Node> read() {
        if (!is_plain_text(rest_))
            return std::nullopt;
        advance();
        if (!done_ && indent_ == 0 && content_ == "---")
            advance();
        Node root;
        if (done_ || indent_ != 0 || !(is_dash() ? read_list(0, root) : read_map(0, root, 0)) || !done_ || failed_)
            return std::nullopt;
        return root;
    }

private:
    /// Goes to the next line that is neither blank nor a comment.
    void advance() {
        while (!rest_.empty()) {
            const std::size_t end = std::min(rest_.find('\n'), rest_.size());
            content_ = rest_.substr(0, end);
            rest_.remove_prefix(std::min(end + 1, rest_.size()));
            ++line_;
            indent_ = 0;
            while (indent_ < content_.size() && content_[indent_] == ' ')
                ++indent_;
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
        failed_ = rest_.find_first_not_of(" \n") != std::string_view::npos;
        done_ = true;
    }

    [[nodiscard]] bool is_dash() const { return content_.starts_with("- "); }
    [[nodiscard]] bool is_at(std::size_t indent) const { return !done_ && indent_ == indent; }
    [[nodiscard]] bool is_below(std::size_t indent) const { return !done_ && indent_ > indent; }
    [[nodiscard]] Position place(std::size_t column) const { return {line_, static_cast<int>(column) + 1}; }

    /// `first_key`: the bytes of the first key if they are known, or 0.
    bool read_map(std::size_t indent, Node& map, std::size_t first_key) {
        if (!values_.open(map, Node::Kind::map, place(indent)))
            return false;
        while (is_at(indent) && !is_dash()) {
            const std::size_t size = first_key != 0 ? std::exchange(first_key, 0) : plain_key_bytes(content_);
            const std::string_view key = content_.substr(0, size);
            if (size == 0 || is_reserved_key(key) || !values_.spend(size))
                return false;
            Member& member = map.members.emplace_back();
            member.key = key;
            member.at = place(indent);
            if (!read_member_value(indent, size + 1, member.value))
                return false;
        }
        values_.close(map);
        return !is_below(indent);
    }

    bool read_member_value(std::size_t indent, std::size_t offset, Node& value) {
        offset = content_.find_first_not_of(' ', offset);
        if (offset != std::string_view::npos && content_[offset] != '#')
            return read_value(indent, offset, value);
        advance();
        if (is_below(indent))
            return is_dash() ? read_list(indent_, value) : read_map(indent_, value, 0);
        return is_at(indent) && is_dash() && read_list(indent, value);
    }

    bool read_list(std::size_t indent, Node& list) {
        if (!values_.open(list, Node::Kind::list, place(indent)))
            return false;
        while (is_at(indent) && is_dash()) {
            const std::size_t offset = content_.find_first_not_of(' ', 1);
            const std::size_t key = plain_key_bytes(content_.substr(offset));
            Node& item = list.items.emplace_back();
            if (key == 0) {
                if (!read_value(indent, offset, item))
                    return false;
                continue;
            }
            // The map begins in the line of its dash.
            content_.remove_prefix(offset);
            indent_ += offset;
            if (!read_map(indent_, item, key))
                return false;
        }
        values_.close(list);
        return !is_below(indent);
    }

    /// The value in the rest of this line, which must not go on in the next one.
    bool read_value(std::size_t indent, std::size_t offset, Node& value) {
        if (!values_.read(content_.substr(offset), place(indent + offset), value))
            return false;
        advance();
        return !is_below(indent);
    }

    std::string_view rest_;
    PlainValues values_;
    std::string_view content_;  ///< of the current line, without the blanks around it
    std::size_t indent_ = 0;
    int line_ = 0;
    bool done_ = false;    ///< there is no current line
    bool failed_ = false;  ///< there is more behind the end of the document
};

}  // namespace

std::optional<Node> read_plain_yaml(std::string_view text, YamlDialect dialect) {
    return Reader(text, dialect).read();
}

}  // namespace arngate::config
