#include "core/aws/arn_pattern.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace arngate::aws {
namespace {

constexpr std::string_view account = "arn:aws:iam::123456789012:";

bool matches(std::string_view pattern, std::string_view resource, QuestionMark mark = QuestionMark::exactly_one) {
    const auto compiled = ArnPattern::compile(std::string(account).append(pattern), mark);
    EXPECT_TRUE(compiled.has_value()) << pattern;
    return compiled.has_value() && compiled->matches(std::string(account).append(resource)).value_or(false);
}

TEST(ArnPattern, TakesTheQuestionMarkAsAsked) {
    for (const auto mark : {QuestionMark::at_most_one, QuestionMark::exactly_one}) {
        EXPECT_TRUE(matches("role/a?c", "role/abc", mark));
        EXPECT_FALSE(matches("role/a?c", "role/abbc", mark));
        EXPECT_EQ(matches("role/a?c", "role/ac", mark), mark == QuestionMark::at_most_one);
        EXPECT_EQ(matches("role/a?", "role/a", mark), mark == QuestionMark::at_most_one);
        EXPECT_EQ(matches("role/???", "role/ab", mark), mark == QuestionMark::at_most_one);
    }
}

TEST(ArnPattern, CountsCharactersNotBytes) {
    EXPECT_TRUE(matches("role/?", "role/\xc3\xa9"));
    EXPECT_TRUE(matches("role/?", "role/\xf0\x9f\x98\x80"));
    EXPECT_FALSE(matches("role/?", "role/\xc3\xa9\xc3\xa9"));
    EXPECT_TRUE(matches("role/\xc3\xa9*", "role/\xc3\xa9x"));
    EXPECT_FALSE(matches("role/\xc3*", "role/\xc3\xa9"));
    EXPECT_TRUE(matches("role/?", "role/\xff"));
    EXPECT_TRUE(matches("role/??", "role/\xc3x"));
    EXPECT_FALSE(matches("role/?", "role/\xe2\x82"));
}

TEST(ArnPattern, MatchesNoLineFeedByAWildcard) {
    EXPECT_FALSE(matches("role/a*", "role/a\n"));
    EXPECT_FALSE(matches("role/a?", "role/a\n"));
    EXPECT_TRUE(matches("role/*\n*", "role/a\nb"));
    EXPECT_TRUE(matches("role/a*", "role/a\r"));
}

TEST(ArnPattern, MatchesWholeSections) {
    EXPECT_FALSE(matches("role/Admin", "role/Admin2"));
    EXPECT_FALSE(matches("role/Admin*x", "role/Adminxy"));
    EXPECT_TRUE(matches("role/*a*b*", "role/xxaxxbxx"));
    EXPECT_FALSE(matches("role/*a*b", "role/xxaxxbxx"));
    EXPECT_TRUE(matches("*:*", "a:b:c"));
}

TEST(ArnPattern, NamesItsLiteralPrefix) {
    const auto prefix = [](std::string_view text) {
        return std::string(ArnPattern::compile(text, QuestionMark::exactly_one)->literal_prefix());
    };
    EXPECT_EQ(prefix("arn:aws:iam::1:role/a*b"), "arn:aws:iam::1:role/a");
    EXPECT_EQ(prefix("arn:aws:iam::1:role/ab?"), "arn:aws:iam::1:role/ab");
    EXPECT_EQ(prefix("arn:*:iam::1:role/ab?"), "arn:");
    EXPECT_EQ(prefix("arn:aws:iam::1:role/a"), "arn:aws:iam::1:role/a");
}

TEST(ArnPattern, RefusesWhatIsNoPattern) {
    const auto error = [](std::string_view text) {
        return ArnPattern::compile(text, QuestionMark::exactly_one).error();
    };
    EXPECT_EQ(error(""), ArnPatternError::invalid_prefix);
    EXPECT_EQ(error("*"), ArnPatternError::invalid_prefix);
    EXPECT_EQ(error("ARN:aws:iam::1:role/a"), ArnPatternError::invalid_prefix);
    EXPECT_EQ(error("arn:aws:iam:1:role/a"), ArnPatternError::not_enough_sections);
}

TEST(ArnPattern, BoundsItsLength) {
    std::string text = std::string(account) + "role/";
    text.append(ArnPattern::max_bytes - text.size() - 1, '?').append("*");
    const auto longest = ArnPattern::compile(text, QuestionMark::exactly_one);
    ASSERT_TRUE(longest.has_value());
    EXPECT_TRUE(*longest->matches(std::string(account) + "role/" + std::string(600, 'x')));
    EXPECT_FALSE(*longest->matches(std::string(account) + "role/x"));
    EXPECT_EQ(ArnPattern::compile(text + "x", QuestionMark::exactly_one).error(), ArnPatternError::too_long);
}

TEST(ArnPattern, EndsOnPatternsMadeToBacktrack) {
    std::string stars;
    std::string marks;
    for (int i = 0; i < 60; ++i) {
        stars += "*a";
        marks += "?a*";
    }
    const std::string text(5000, 'a');
    for (const auto mark : {QuestionMark::at_most_one, QuestionMark::exactly_one}) {
        EXPECT_FALSE(matches(stars + "b", text, mark));
        EXPECT_TRUE(matches(stars + "*", text, mark));
        EXPECT_FALSE(matches(marks + "b", text, mark));
    }
}

TEST(ArnPattern, NamesWhatIsWrongWithTheArn) {
    const auto pattern = ArnPattern::compile("arn:*:*:*:*:*", QuestionMark::exactly_one).value();
    EXPECT_EQ(pattern.matches("").error(), ArnPatternError::invalid_prefix);
    EXPECT_EQ(pattern.matches("arn:aws:iam::1").error(), ArnPatternError::not_enough_sections);
    EXPECT_TRUE(pattern.matches("arn:::::").value());
}

}  // namespace
}  // namespace arngate::aws
