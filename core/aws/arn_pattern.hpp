#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace arngate::aws {

enum class ArnPatternError : std::uint8_t {
    invalid_prefix,       ///< does not begin with "arn:"
    not_enough_sections,  ///< fewer than six sections parted by colons
    too_long,             ///< a pattern of more than ArnPattern::max_bytes
};

/// What a '?' in a pattern stands for. A character is one of UTF-8, or a byte that is not part of any.
enum class QuestionMark : std::uint8_t {
    at_most_one,  ///< one character or none, as in the patterns of the Go server
    exactly_one,  ///< as in the ArnLike condition of IAM policies
};

/// A pattern for ARNs, compiled once. Both have six sections parted by colons, of which the sixth keeps further colons;
/// each section of the ARN must match its section of the pattern as a whole. '*' stands for any characters, also none;
/// neither wildcard matches a line feed; everything else stands for itself, in this letter case. The word "arn" cannot
/// be a wildcard. Immutable; safe to use from any thread.
class ArnPattern {
public:
    static constexpr std::size_t max_bytes = 512;

    [[nodiscard]] static std::expected<ArnPattern, ArnPatternError> compile(
        std::string_view pattern, QuestionMark question_mark
    );

    /// An error is one of the ARN. Takes at most as many steps as the pattern's bytes times the ARN's, whatever they
    /// hold.
    [[nodiscard]] std::expected<bool, ArnPatternError> matches(std::string_view arn) const noexcept;

    /// What every matching ARN begins with: the pattern before its first wildcard.
    [[nodiscard]] std::string_view literal_prefix() const noexcept;
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    static constexpr std::size_t section_count = 5;
    /// Partition, service, region, account and resource of a text of this form.
    using Sections = std::array<std::string_view, section_count>;
    [[nodiscard]] Sections sections() const noexcept;

private:
    ArnPattern(std::string_view text, QuestionMark question_mark) : text_(text), question_mark_(question_mark) {}

    std::string text_;
    QuestionMark question_mark_;
};

}  // namespace arngate::aws
