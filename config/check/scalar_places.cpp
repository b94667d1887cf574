#include "config/check/scalar_places.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace arngate::config::check {
namespace {

constexpr std::string_view blanks = " \t";

enum class Style : std::uint8_t { plain, single_quoted, double_quoted, literal, folded };

/// An escape of a double-quoted scalar.
struct Escape {
    std::size_t length = 2;      ///< in the file
    std::size_t value_size = 1;  ///< in the value; 0: a line end that is no part of it
};

/// Follows value and file side by side.
class Walk {
public:
    Walk(std::string_view file, std::size_t start, std::string_view value) : file_(file), at_(start), value_(value) {}

    /// The offset of each byte of the value, or nothing where the two do not fit.
    std::optional<std::vector<std::uint32_t>> run() {
        skip_properties();
        if (!begin())
            return std::nullopt;
        offsets_.reserve(value_.size());
        while (offsets_.size() < value_.size()) {
            if (!step())
                return std::nullopt;
        }
        return std::move(offsets_);
    }

private:
    [[nodiscard]] char here() const { return at_ < file_.size() ? file_[at_] : '\0'; }
    [[nodiscard]] char wanted() const { return value_[offsets_.size()]; }
    void take(std::size_t from, std::size_t count) {
        const std::size_t left = value_.size() - offsets_.size();
        offsets_.insert(offsets_.end(), std::min(count, left), static_cast<std::uint32_t>(from));
    }
    [[nodiscard]] bool is_block() const { return style_ == Style::literal || style_ == Style::folded; }

    /// Tags and anchors stand before the scalar.
    void skip_properties() {
        while (here() == '&' || here() == '!') {
            const std::size_t end = file_.find_first_of(" \t\r\n", at_);
            at_ = std::min(file_.find_first_not_of(" \t\r\n", end), file_.size());
        }
    }

    [[nodiscard]] bool begin() {
        switch (here()) {
            case '\'':
                style_ = Style::single_quoted;
                ++at_;
                return true;
            case '"':
                style_ = Style::double_quoted;
                ++at_;
                return true;
            case '|':
            case '>':
                style_ = here() == '|' ? Style::literal : Style::folded;
                return begin_block();
            default:
                return at_ < file_.size();
        }
    }

    /// The content's indentation is what its first line has more of in the file than in the value.
    [[nodiscard]] bool begin_block() {
        const std::size_t header_end = file_.find('\n', at_);
        if (header_end == std::string_view::npos)
            return false;
        const auto first_content = [](std::string_view text, std::size_t from) {
            const std::size_t content = text.find_first_not_of(" \r\n", from);
            if (content == std::string_view::npos)
                return std::optional<std::size_t>();
            const std::size_t line_end = content == 0 ? std::string_view::npos : text.rfind('\n', content - 1);
            return std::optional(content - (line_end == std::string_view::npos ? 0 : line_end + 1));
        };
        const auto in_file = first_content(file_, header_end);
        const auto in_value = first_content(value_, 0);
        if (!in_file || !in_value || *in_file < *in_value)
            return false;
        indent_ = *in_file - *in_value;
        at_ = header_end + 1;
        skip_indent();
        return true;
    }

    void skip_indent() {
        for (std::size_t i = 0; i < indent_ && here() == ' '; ++i)
            ++at_;
    }

    [[nodiscard]] bool step() {
        if (style_ == Style::double_quoted && here() == '\\')
            return step_escape();
        if (style_ == Style::single_quoted && file_.substr(at_, 2) == "''") {
            if (wanted() != '\'')
                return false;
            take(at_, 1);
            at_ += 2;
            return true;
        }
        if (is_at_line_end())
            return step_line_end();
        if (here() != wanted() || at_ >= file_.size())
            return false;
        take(at_++, 1);
        return true;
    }

    [[nodiscard]] bool is_at_line_end() const {
        std::size_t at = at_;
        if (!is_block())
            at = std::min(file_.find_first_not_of(blanks, at), file_.size());
        if (at < file_.size() && file_[at] == '\r')
            ++at;
        return at < file_.size() && file_[at] == '\n';
    }

    /// A line end is one in a literal; elsewhere one is a blank, and of more the first counts for nothing.
    [[nodiscard]] bool step_line_end() {
        const std::size_t from = at_;
        if (style_ == Style::literal) {
            at_ = file_.find('\n', at_) + 1;
            skip_indent();
            if (wanted() != '\n')
                return false;
            take(from, 1);
            return true;
        }
        std::size_t ends = 0;
        while (is_at_line_end()) {
            at_ = file_.find('\n', at_) + 1;
            ++ends;
            if (style_ == Style::folded)
                skip_indent();
        }
        if (style_ != Style::folded)
            at_ = std::min(file_.find_first_not_of(blanks, at_), file_.size());
        bool moved = false;
        for (; ends > 0 && offsets_.size() < value_.size() && (wanted() == '\n' || wanted() == ' '); --ends) {
            take(from, 1);
            moved = true;
        }
        return moved;
    }

    [[nodiscard]] bool step_escape() {
        const auto escape = escape_here();
        if (!escape)
            return false;
        if (escape->value_size == 0) {
            at_ = std::min(file_.find_first_not_of(blanks, at_ + escape->length), file_.size());
            return true;
        }
        take(at_, escape->value_size);
        at_ += escape->length;
        return true;
    }

    [[nodiscard]] std::optional<Escape> escape_here() const {
        const std::string_view rest = file_.substr(at_ + 1);
        if (rest.empty())
            return std::nullopt;
        switch (rest.front()) {
            case '\n':
                return Escape{2, 0};
            case '\r':
                return Escape{3, 0};
            case 'x':
                return numeric(rest, 2);
            case 'u':
                return numeric(rest, 4);
            case 'U':
                return numeric(rest, 8);
            case 'N':
            case '_':
                // Some versions of yaml-cpp write the character as a single byte.
                return Escape{2, static_cast<unsigned char>(wanted()) < 0xc0 ? 1U : 2U};
            case 'L':
            case 'P':
                return Escape{2, 3};
            default:
                return Escape{};
        }
    }

    [[nodiscard]] static std::optional<Escape> numeric(std::string_view rest, std::size_t digits) {
        if (rest.size() <= digits)
            return std::nullopt;
        std::uint32_t code = 0;
        const char* end = rest.data() + 1 + digits;
        if (const auto [stop, error] = std::from_chars(rest.data() + 1, end, code, 16);
            error != std::errc{} || stop != end)
            return std::nullopt;
        return Escape{2 + digits, code < 0x80 ? 1U : code < 0x800 ? 2U : code < 0x10000 ? 3U : 4U};
    }

    std::string_view file_;
    std::size_t at_;
    std::string_view value_;
    Style style_ = Style::plain;
    std::size_t indent_ = 0;
    std::vector<std::uint32_t> offsets_;
};

}  // namespace

Lines::Lines(std::string_view text) : size_(text.size()), starts_{0} {
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1))
        starts_.push_back(end + 1);
}

Position Lines::position(std::size_t offset) const noexcept {
    const auto after = std::ranges::upper_bound(starts_, offset);
    const auto line = after - starts_.begin();
    return {static_cast<int>(line), static_cast<int>(offset - *std::prev(after)) + 1};
}

std::size_t Lines::offset(Position at) const noexcept {
    if (at.line < 1 || at.column < 1 || static_cast<std::size_t>(at.line) > starts_.size())
        return size_;
    const std::size_t start = starts_[static_cast<std::size_t>(at.line) - 1];
    return std::min(start + static_cast<std::size_t>(at.column) - 1, size_);
}

ScalarPlaces::ScalarPlaces(std::string_view file, const Lines& lines, Position scalar, std::string_view value)
    : lines_(lines), value_lines_(value), scalar_(scalar) {
    if (auto offsets = Walk(file, lines.offset(scalar), value).run())
        offsets_ = *std::move(offsets);
}

Position ScalarPlaces::in_file(Position in_value) const noexcept {
    if (in_value.line < 1 || offsets_.empty())
        return scalar_;
    return lines_.position(offsets_[std::min(value_lines_.offset(in_value), offsets_.size() - 1)]);
}

}  // namespace arngate::config::check
