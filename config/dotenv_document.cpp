#include "config/dotenv_document.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace arngate::config {
namespace {

/// More than any schema will have; keeps the look for duplicates short.
constexpr std::size_t max_keys = 10'000;
constexpr std::string_view blanks = " \t\v\f";

bool is_key_character(char c) {
    return text::is_alnum(c) || c == '_' || c == '.' || c == '-';
}

/// One reading: a cursor over the text that knows its place.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {
        if (rest_.starts_with("\xEF\xBB\xBF"))
            rest_.remove_prefix(3);
    }

    std::expected<Node, SyntaxError> run() {
        root_.kind = Node::Kind::map;
        while (!rest_.empty()) {
            skip_blanks();
            if (at_line_end()) {
                skip_line_end();
                continue;
            }
            if (!read_line())
                return std::unexpected(std::move(*error_));
        }
        return std::move(root_);
    }

private:
    [[nodiscard]] Position here() const { return {line_, column_}; }

    void advance(std::size_t count) {
        column_ += static_cast<int>(count);
        rest_.remove_prefix(count);
    }
    void skip_blanks() { advance(std::min(rest_.find_first_not_of(blanks), rest_.size())); }
    /// At the end of what the line says: a comment counts as nothing.
    [[nodiscard]] bool at_line_end() const {
        return rest_.empty() || rest_.front() == '\n' || rest_.front() == '\r' || rest_.front() == '#';
    }
    void skip_line_end() {
        advance(std::min(rest_.find_first_of("\r\n"), rest_.size()));
        if (rest_.empty())
            return;
        rest_.remove_prefix(rest_.starts_with("\r\n") ? 2 : 1);
        ++line_;
        column_ = 1;
    }

    bool fail(Position at, std::string found, std::string advice = {}) {
        error_ = SyntaxError{at, std::move(found), std::move(advice)};
        return false;
    }

    bool read_line() {
        constexpr std::string_view keyword = "export";
        if (rest_.starts_with(keyword) && rest_.size() > keyword.size() && blanks.contains(rest_[keyword.size()])) {
            advance(keyword.size());
            skip_blanks();
        }
        const Position at = here();
        const auto end = std::ranges::find_if_not(rest_, is_key_character);
        const std::string_view key = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        advance(key.size());
        skip_blanks();
        if (key.empty() || rest_.empty() || (rest_.front() != '=' && rest_.front() != ':'))
            return fail(at, "a line that is not KEY=value", "Comments start with #.");
        advance(1);
        skip_blanks();

        Node value;
        value.kind = Node::Kind::text;
        value.at = here();
        const bool quoted = !rest_.empty() && (rest_.front() == '"' || rest_.front() == '\'');
        if (quoted ? !read_quoted(value.text) : !read_plain(value.text))
            return false;
        skip_blanks();
        if (!at_line_end())
            return fail(here(), "text behind the closing quote");
        skip_line_end();
        return insert(key, at, std::move(value));
    }

    bool read_plain(std::string& value) {
        const std::string_view written =
            text::trim(rest_.substr(0, std::min(rest_.find_first_of("#\r\n"), rest_.size())));
        for (std::size_t i = 0; i < written.size(); ++i) {
            if (written.substr(i).starts_with("\\$")) {
                ++i;
            } else if (is_reference(written.substr(i))) {
                advance(i);
                return refuse_reference();
            }
            value += written[i];
        }
        advance(written.size());
        return true;
    }

    bool read_quoted(std::string& value) {
        const char quote = rest_.front();
        const Position opened = here();
        advance(1);
        for (;; advance(1)) {
            if (rest_.empty())
                return fail(opened, "a quote that is never closed");
            const char c = rest_.front();
            if (c == quote) {
                advance(1);
                return true;
            }
            if (quote == '"' && c == '\\' && rest_.size() > 1) {
                advance(1);
                const char escaped = rest_.front();
                value += escaped == 'n' ? '\n' : escaped == 'r' ? '\r' : escaped;
                continue;
            }
            if (quote == '"' && is_reference(rest_))
                return refuse_reference();
            value += c;
            if (c == '\n') {
                ++line_;
                column_ = 0;
            }
        }
    }

    /// `$NAME` or `${NAME}`.
    static bool is_reference(std::string_view text) {
        if (!text.starts_with('$'))
            return false;
        text.remove_prefix(text.starts_with("${") ? 2 : 1);
        return !text.empty() &&
               (text::is_digit(text.front()) || text.front() == '_' || (text.front() >= 'A' && text.front() <= 'Z'));
    }
    bool refuse_reference() {
        return fail(
            here(),
            "a reference to a variable",
            "Variables are not read here; write the value, or \\$ for a dollar sign."
        );
    }

    /// Dots lead into sections, which come to be as they are named.
    bool insert(std::string_view key, Position at, Node value) {
        Node* section = &root_;
        if (++keys_ > max_keys)
            return fail(at, "more than 10000 keys");
        const auto steps = text::split(key, '.');
        if (steps.size() > max_document_depth || std::ranges::any_of(steps, &std::string_view::empty))
            return fail(at, "a key that is no path such as server.port");
        for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
            const auto found = std::ranges::find_if(section->members, [&](const Member& member) {
                return text::iequals(member.key, steps[i]);
            });
            if (found == section->members.end()) {
                Node below;
                below.kind = Node::Kind::map;
                below.at = at;
                section->members.push_back({std::string(steps[i]), at, std::move(below)});
                section = &section->members.back().value;
            } else if (found->value.kind == Node::Kind::map) {
                section = &found->value;
            } else {
                return fail(at, "a key below another key that has a value");
            }
        }
        section->members.push_back({std::string(steps.back()), at, std::move(value)});
        return true;
    }

    std::string_view rest_;
    int line_ = 1;
    int column_ = 1;
    std::size_t keys_ = 0;
    Node root_;
    std::optional<SyntaxError> error_;
};

}  // namespace

std::expected<Node, SyntaxError> read_dotenv(std::string_view text) {
    return Reader(text).run();
}

}  // namespace arngate::config
