#include "core/aws/arn_pattern.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace arngate::aws {
namespace {

constexpr std::string_view arn_prefix = "arn:";
constexpr std::string_view wildcards = "*?";

std::expected<ArnPattern::Sections, ArnPatternError> split(std::string_view text) noexcept {
    if (!text.starts_with(arn_prefix)) {
        return std::unexpected(ArnPatternError::invalid_prefix);
    }
    text.remove_prefix(arn_prefix.size());
    ArnPattern::Sections sections;
    for (std::size_t i = 0; i + 1 < sections.size(); ++i) {
        const std::size_t colon = text.find(':');
        if (colon == std::string_view::npos) {
            return std::unexpected(ArnPatternError::not_enough_sections);
        }
        sections[i] = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    sections.back() = text;
    return sections;
}

/// Bytes of the first character: those of a UTF-8 sequence if all are there, else one.
std::size_t character_size(std::string_view text) noexcept {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = lead < 0xC2 || lead > 0xF4 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const auto is_continuation = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
    return text.size() >= size && std::ranges::all_of(text.substr(1, size - 1), is_continuation) ? size : 1;
}

/// The places in a section's pattern that the text read so far may have led to. The number of places is bounded, so no
/// pattern makes matching blow up.
class Places {
public:
    /// Adds the place, and those that are reached from it without reading.
    void add(std::size_t place, std::string_view pattern, QuestionMark question_mark) noexcept {
        while (!contains(place)) {
            words_[place / 64] |= std::uint64_t{1} << (place % 64);
            const bool skippable =
                place < pattern.size() &&
                (pattern[place] == '*' || (pattern[place] == '?' && question_mark == QuestionMark::at_most_one));
            if (!skippable) {
                return;
            }
            ++place;
        }
    }

    [[nodiscard]] bool contains(std::size_t place) const noexcept {
        return (words_[place / 64] >> (place % 64) & 1U) != 0;
    }

    /// Visits those up to `last`.
    template <class Visit>
    void for_each(std::size_t last, Visit visit) const noexcept {
        for (std::size_t i = 0; i <= last / 64; ++i) {
            for (std::uint64_t word = words_[i]; word != 0; word &= word - 1) {
                visit(i * 64 + static_cast<std::size_t>(std::countr_zero(word)));
            }
        }
    }

private:
    std::array<std::uint64_t, ArnPattern::max_bytes / 64 + 1> words_{};
};

bool matches_section(std::string_view pattern, std::string_view text, QuestionMark question_mark) noexcept {
    if (pattern.find_first_of(wildcards) == std::string_view::npos) {
        return pattern == text;
    }
    // The beginning in one comparison: it is what tells most ARNs from most patterns. Beyond ASCII a byte may be part
    // of a character only, so there it ends.
    const auto is_plain = [](char c) { return static_cast<unsigned char>(c) < 0x80U && !wildcards.contains(c); };
    const std::string_view beginning(pattern.begin(), std::ranges::find_if_not(pattern, is_plain));
    if (!text.starts_with(beginning)) {
        return false;
    }
    pattern.remove_prefix(beginning.size());
    text.remove_prefix(beginning.size());
    Places places;
    places.add(0, pattern, question_mark);
    while (!text.empty()) {
        const std::string_view character = text.substr(0, character_size(text));
        Places next;
        places.for_each(pattern.size(), [&](std::size_t place) {
            if (place == pattern.size()) {
                return;
            }
            const char token = pattern[place];
            if (token == '*' || token == '?') {
                if (character != "\n") {
                    next.add(token == '*' ? place : place + 1, pattern, question_mark);
                }
            } else if (pattern.substr(place).starts_with(character)) {
                next.add(place + character.size(), pattern, question_mark);
            }
        });
        places = next;
        text.remove_prefix(character.size());
    }
    return places.contains(pattern.size());
}

}  // namespace

std::expected<ArnPattern, ArnPatternError> ArnPattern::compile(std::string_view pattern, QuestionMark question_mark) {
    if (pattern.size() > max_bytes) {
        return std::unexpected(ArnPatternError::too_long);
    }
    if (const auto sections = split(pattern); !sections) {
        return std::unexpected(sections.error());
    }
    return ArnPattern(pattern, question_mark);
}

ArnPattern::Sections ArnPattern::sections() const noexcept {
    return split(text_).value_or(Sections{});
}

std::expected<bool, ArnPatternError> ArnPattern::matches(std::string_view arn) const noexcept {
    const auto parts = split(arn);
    if (!parts) {
        return std::unexpected(parts.error());
    }
    const Sections patterns = sections();
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        if (!matches_section(patterns[i], (*parts)[i], question_mark_)) {
            return false;
        }
    }
    return true;
}

std::string_view ArnPattern::literal_prefix() const noexcept {
    return std::string_view(text_).substr(0, text_.find_first_of(wildcards));
}

}  // namespace arngate::aws
