#include "core/aws/arn.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace arngate::aws {
namespace {

TEST(Arn, TurnsAnAssumedRoleIntoItsRole) {
    const auto arn = canonicalize("arn:aws:sts::123456789012:assumed-role/Admin/alice");
    ASSERT_TRUE(arn.has_value());
    EXPECT_EQ(
        *arn,
        (CanonicalArn{
            .text = "arn:aws:iam::123456789012:role/Admin",
            .kind = PrincipalKind::assumed_role,
            .partition = "aws",
            .account = "123456789012",
        })
    );
}

TEST(Arn, KeepsPathAndLetterCaseOfARole) {
    const auto arn = canonicalize("arn:aws-cn:iam::123456789012:role/Team/Admin");
    ASSERT_TRUE(arn.has_value());
    EXPECT_EQ(arn->text, "arn:aws-cn:iam::123456789012:role/Team/Admin");
    EXPECT_EQ(arn->kind, PrincipalKind::role);
    EXPECT_EQ(arn->partition, "aws-cn");
}

TEST(Arn, IsStableUnderASecondCanonicalization) {
    for (const std::string_view text : {
             "arn:aws:sts::123456789012:assumed-role/Admin/alice",
             "arn:aws:iam::123456789012:user/a/b",
             "arn:aws:sts::123456789012:federated-user/bob",
             "arn:aws:iam::123456789012:root",
         }) {
        const auto once = canonicalize(text);
        ASSERT_TRUE(once.has_value());
        const auto twice = canonicalize(once->text);
        ASSERT_TRUE(twice.has_value());
        EXPECT_EQ(twice->text, once->text);
    }
}

struct Refused {
    std::string_view arn;
    ArnError error;
};

TEST(Arn, RefusesWhatIsNoPrincipal) {
    for (const auto& [arn, error] : std::initializer_list<Refused>{
             {"", ArnError::invalid_prefix},
             {"arn", ArnError::invalid_prefix},
             {"ARN:aws:iam::123456789012:root", ArnError::invalid_prefix},
             {" arn:aws:iam::123456789012:root", ArnError::invalid_prefix},
             {"arn:", ArnError::not_enough_sections},
             {"arn:aws:iam::123456789012", ArnError::not_enough_sections},
             {"arn:nowhere:iam::123456789012", ArnError::not_enough_sections},
             {"arn:nowhere:iam::123456789012:root", ArnError::unknown_partition},
             {"arn:AWS:iam::123456789012:root", ArnError::unknown_partition},
             {"arn:aws :iam::123456789012:root", ArnError::unknown_partition},
             {"arn:aws:ec2::123456789012:instance/i-1", ArnError::bad_service},
             {"arn:aws:Sts::123456789012:assumed-role/a/b", ArnError::bad_service},
             {"arn:aws:iam::123456789012:", ArnError::bad_resource},
             {"arn:aws:iam::123456789012:roles/x", ArnError::bad_resource},
             {"arn:aws:iam::123456789012:group/x", ArnError::bad_resource},
             {"arn:aws:sts::123456789012:role/x", ArnError::bad_resource},
             {"arn:aws:sts::123456789012:assumed-role", ArnError::no_role},
             {"arn:aws:sts::123456789012:assumed-role/", ArnError::no_role},
             {"arn:aws:sts::123456789012:assumed-role/x", ArnError::no_role},
         }) {
        const auto result = canonicalize(arn);
        ASSERT_FALSE(result.has_value()) << arn;
        EXPECT_EQ(result.error(), error) << arn;
    }
}

TEST(Arn, StripsTheWholePathOfARoleOnly) {
    EXPECT_EQ(strip_role_path("arn:aws:iam::1:role/a/b/c"), "arn:aws:iam::1:role/c");
    EXPECT_EQ(strip_role_path("arn:aws:iam::1:role/a/"), "arn:aws:iam::1:role/");
    EXPECT_EQ(strip_role_path("arn:aws:iam::1:role/c"), "arn:aws:iam::1:role/c");
    EXPECT_EQ(strip_role_path("arn:aws:iam::1:user/a/b/c"), "arn:aws:iam::1:user/a/b/c");
    EXPECT_EQ(strip_role_path("arn:aws:iam::1:roles/a/b"), "arn:aws:iam::1:roles/a/b");
    EXPECT_EQ(strip_role_path("arn:aws:iam::1").error(), ArnError::not_enough_sections);
}

TEST(Arn, SaysWhetherStrippingTheRolePathChangesIt) {
    for (const std::string_view arn :
         {"arn:aws:iam::1:role/a/b/c",
          "arn:aws:iam::1:role/a/",
          "arn:aws:iam::1:role//c",
          "arn:aws:iam::1:role/c",
          "arn:aws:iam::1:role/",
          "arn:aws:iam::1:role",
          "arn:aws:sts:eu-west-1:1:role/a/b",
          "arn:aws:iam::1:user/a/b/c",
          "arn:aws:iam::1:roles/a/b",
          "arn:aws:iam::1",
          ""}) {
        const auto stripped = strip_role_path(arn);
        EXPECT_EQ(has_role_path(arn), stripped.has_value() && *stripped != arn) << arn;
    }
}

TEST(Arn, DescribesEachErrorInItsOwnWords) {
    std::set<std::string_view> texts;
    for (const ArnError error :
         {ArnError::invalid_prefix,
          ArnError::not_enough_sections,
          ArnError::unknown_partition,
          ArnError::bad_service,
          ArnError::bad_resource,
          ArnError::no_role}) {
        texts.insert(describe(error));
    }
    EXPECT_EQ(texts.size(), 6U);
}

}  // namespace
}  // namespace arngate::aws
