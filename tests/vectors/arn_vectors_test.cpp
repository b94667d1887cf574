#include "core/aws/arn.hpp"
#include "core/aws/arn_pattern.hpp"
#include "tests/vectors/vector_file.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

namespace arngate::vectors {
namespace {

using aws::ArnError;
using aws::PrincipalKind;

const std::map<std::string, ArnError, std::less<>> errors{
    {"invalid-prefix", ArnError::invalid_prefix},
    {"not-enough-sections", ArnError::not_enough_sections},
    {"unknown-partition", ArnError::unknown_partition},
    {"bad-service", ArnError::bad_service},
    {"bad-resource", ArnError::bad_resource},
    {"no-role", ArnError::no_role},
};

const std::map<std::string, PrincipalKind, std::less<>> kinds{
    {"USER", PrincipalKind::user},
    {"ROLE", PrincipalKind::role},
    {"ROOT", PrincipalKind::root},
    {"FEDERATED_USER", PrincipalKind::federated_user},
    {"ASSUMED_ROLE", PrincipalKind::assumed_role},
};

TEST(ArnVectors, Canonicalizes) {
    const VectorFile file("arn-canonicalize.json");
    for (const auto each : file.cases()) {
        SCOPED_TRACE(need_text(each, "id"));
        const simdjson::dom::element expect = each["expect"];
        const auto result = aws::canonicalize(need_text(each, "arn"));
        if (const auto error = text_at(expect, "error")) {
            ASSERT_FALSE(result.has_value());
            EXPECT_EQ(result.error(), errors.at(*error));
        } else {
            ASSERT_TRUE(result.has_value()) << aws::describe(result.error());
            EXPECT_EQ(result->text, need_text(expect, "canonical"));
            EXPECT_EQ(result->kind, kinds.at(need_text(expect, "type")));
        }
    }
}

TEST(ArnVectors, StripsRolePaths) {
    const VectorFile file("arn-strip-path.json");
    for (const auto each : file.cases()) {
        SCOPED_TRACE(need_text(each, "id"));
        const simdjson::dom::element expect = each["expect"];
        const auto result = aws::strip_role_path(need_text(each, "arn"));
        if (const auto error = text_at(expect, "error")) {
            ASSERT_FALSE(result.has_value());
            EXPECT_EQ(result.error(), errors.at(*error));
        } else {
            ASSERT_TRUE(result.has_value()) << aws::describe(result.error());
            EXPECT_EQ(*result, need_text(expect, "stripped"));
        }
    }
}

TEST(ArnVectors, MatchesPatterns) {
    const std::map<std::string, aws::ArnPatternError, std::less<>> pattern_errors{
        {"invalid-prefix", aws::ArnPatternError::invalid_prefix},
        {"not-enough-sections", aws::ArnPatternError::not_enough_sections},
    };
    const VectorFile file("arnlike.json");
    for (const auto each : file.cases()) {
        SCOPED_TRACE(need_text(each, "id"));
        const std::string expect = need_text(each, "expect");
        const auto pattern = aws::ArnPattern::compile(need_text(each, "pattern"), aws::QuestionMark::at_most_one);
        ASSERT_EQ(pattern.has_value(), expect != "error-pattern");
        if (!pattern) {
            EXPECT_EQ(pattern.error(), pattern_errors.at(need_text(each, "kind")));
            continue;
        }
        const auto matches = pattern->matches(need_text(each, "arn"));
        ASSERT_EQ(matches.has_value(), expect != "error-arn");
        if (!matches) {
            EXPECT_EQ(matches.error(), pattern_errors.at(need_text(each, "kind")));
        } else {
            EXPECT_EQ(*matches ? "match" : "no-match", expect);
        }
    }
}

}  // namespace
}  // namespace arngate::vectors
