#include "core/mapping/role_pattern.hpp"

#include "core/aws/partition.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace arngate::mapping {
namespace {

constexpr std::string_view role = "arn:aws:iam::123456789012:role/";

bool matches(std::string_view pattern, std::string_view name) {
    const auto parsed = RolePattern::parse(std::string(role).append(pattern));
    EXPECT_TRUE(parsed.has_value()) << pattern;
    return parsed.has_value() && parsed->matches(std::string(role).append(name));
}

TEST(RolePattern, MatchesRolesOfItsAccountAndPartition) {
    EXPECT_TRUE(matches("dev-*", "dev-one"));
    EXPECT_TRUE(matches("dev-*", "dev-"));
    EXPECT_TRUE(matches("DEV-*", "dev-one"));
    EXPECT_FALSE(matches("dev-*", "dev"));
    EXPECT_FALSE(matches("dev-*-rw", "dev-one-ro"));
    EXPECT_TRUE(matches("dev-?", "dev-1"));
    EXPECT_FALSE(matches("dev-?", "dev-")) << "exactly one character, as in IAM policies";

    const auto pattern = RolePattern::parse("ARN:AWS:IAM::123456789012:ROLE/Dev-*").value();
    EXPECT_TRUE(pattern.matches("arn:aws:iam::123456789012:role/dev-x"));
    EXPECT_FALSE(pattern.matches("arn:aws:iam::123456789013:role/dev-x"));
    EXPECT_FALSE(pattern.matches("arn:aws-cn:iam::123456789012:role/dev-x"));
    EXPECT_FALSE(pattern.matches("arn:aws:iam::123456789012:user/dev-x"));
    EXPECT_FALSE(pattern.matches("arn:aws:sts::123456789012:federated-user/dev-x"));
    EXPECT_FALSE(pattern.matches("dev-x"));
    EXPECT_EQ(pattern.literal_prefix(), "arn:aws:iam::123456789012:role/dev-");
}

TEST(RolePattern, RefusesWhatIsTooWideOrNoRole) {
    const struct {
        std::string pattern;
        RolePatternError error;
    } cases[] = {
        {"", RolePatternError::no_arn},
        {"dev-*", RolePatternError::no_arn},
        {"*", RolePatternError::no_arn},
        {"arn:aws:iam:123456789012:role/dev-*", RolePatternError::no_arn},
        {"arn:*:iam::123456789012:role/dev-*", RolePatternError::bad_partition},
        {"arn:aws*:iam::123456789012:role/dev-*", RolePatternError::bad_partition},
        {"arn::iam::123456789012:role/dev-*", RolePatternError::bad_partition},
        {"arn:aws-us-govt:iam::123456789012:role/dev-*", RolePatternError::bad_partition},
        {"arn:aws:*::123456789012:role/dev-*", RolePatternError::bad_service},
        {"arn:aws:sts::123456789012:assumed-role/dev-*", RolePatternError::bad_service},
        {"arn:aws:iam:*:123456789012:role/dev-*", RolePatternError::bad_service},
        {"arn:aws:iam::*:role/dev-*", RolePatternError::bad_account},
        {"arn:aws:iam::12345678901?:role/dev-*", RolePatternError::bad_account},
        {"arn:aws:iam::12345678901:role/dev-*", RolePatternError::bad_account},
        {"arn:aws:iam::1234567890123:role/dev-*", RolePatternError::bad_account},
        {"arn:aws:iam:::role/dev-*", RolePatternError::bad_account},
        {"arn:aws:iam::123456789012:*", RolePatternError::no_role},
        {"arn:aws:iam::123456789012:role*", RolePatternError::no_role},
        {"arn:aws:iam::123456789012:user/dev-*", RolePatternError::no_role},
        {"arn:aws:iam::123456789012:root", RolePatternError::no_role},
        {std::string(role) + "team/dev-*", RolePatternError::has_path},
        {std::string(role) + "dev-*/x", RolePatternError::has_path},
        {std::string(role) + "dev-[ab]*", RolePatternError::bad_characters},
        {std::string(role) + "dev-*:x", RolePatternError::bad_characters},
        {std::string(role) + "dev *", RolePatternError::bad_characters},
        {std::string(role) + "dev-\xc3\xa9*", RolePatternError::bad_characters},
        {std::string(role) + std::string("dev-\0*", 6), RolePatternError::bad_characters},
        {std::string(role) + "dev-one", RolePatternError::no_wildcard},
        {std::string(role), RolePatternError::no_wildcard},
        {std::string(role) + "*", RolePatternError::too_broad},
        {std::string(role) + "?ev-one", RolePatternError::too_broad},
        {std::string(role) + "de*", RolePatternError::too_broad},
        {std::string(role) + "de?-one", RolePatternError::too_broad},
        {std::string(role) + "dev" + std::string(126, '*'), RolePatternError::too_long},
        {std::string(role) + std::string(600, 'x') + "*", RolePatternError::too_long},
    };
    for (const auto& each : cases) {
        const auto parsed = RolePattern::parse(each.pattern);
        ASSERT_FALSE(parsed.has_value()) << each.pattern;
        EXPECT_EQ(parsed.error(), each.error) << each.pattern << ": " << describe(parsed.error());
    }
    EXPECT_TRUE(RolePattern::parse(std::string(role) + "dev*").has_value());
    EXPECT_TRUE(RolePattern::parse(std::string(role) + "dev" + std::string(125, '*')).has_value());
}

TEST(RolePattern, LeavesRolesOfPermissionSetsAloneUnlessAsked) {
    EXPECT_FALSE(matches("aws*", "awsreservedsso_admin_0123456789abcdef"));
    EXPECT_FALSE(matches("awsreservedsso*", "awsreservedsso_admin_0123456789abcdef"));
    EXPECT_FALSE(matches("awsreservedsso?admin*", "awsreservedsso_admin_0123456789abcdef"));
    EXPECT_TRUE(matches("aws*", "awsservice"));
    EXPECT_TRUE(matches("AWSReservedSSO_*", "awsreservedsso_admin_0123456789abcdef"));
    EXPECT_TRUE(matches("AWSReservedSSO_Adm*", "awsreservedsso_admin_0123456789abcdef"));
}

TEST(RolePattern, DescribesEveryErrorInItsOwnWords) {
    std::set<std::string_view> texts;
    for (int i = 0; i <= static_cast<int>(RolePatternError::too_broad); ++i) {
        texts.insert(describe(static_cast<RolePatternError>(i)));
    }
    EXPECT_EQ(texts.size(), 10U);
}

TEST(PermissionSet, MatchesTheGeneratedNameInEveryPartition) {
    for (const aws::Partition& partition : aws::partitions()) {
        const auto pattern = RolePattern::of({"Admin", "123456789012", std::string(partition.id)}).value();
        for (const aws::Partition& other : aws::partitions()) {
            EXPECT_EQ(
                pattern.matches(
                    "arn:" + std::string(other.id) + ":iam::123456789012:role/awsreservedsso_admin_0123456789abcdef"
                ),
                partition.id == other.id
            ) << other.id;
        }
    }
}

TEST(PermissionSet, IsNotTakenForAnother) {
    const auto pattern = RolePattern::of({"Admin", "123456789012"}).value();
    const auto holds = [&](std::string_view name) { return pattern.matches(std::string(role).append(name)); };
    EXPECT_TRUE(holds("awsreservedsso_admin_0123456789abcdef"));
    EXPECT_FALSE(holds("awsreservedsso_admin_readonly_0123456789abcdef"));
    EXPECT_FALSE(holds("awsreservedsso_admin2_0123456789abcdef"));
    EXPECT_FALSE(holds("awsreservedsso_admin_"));
    EXPECT_FALSE(holds("awsreservedsso_admin"));
    EXPECT_FALSE(holds("awsreservedsso_admin_0123/456"));
    EXPECT_FALSE(holds("awsreservedsso_admi_0123456789abcdef"));
    EXPECT_FALSE(holds("xawsreservedsso_admin_0123456789abcdef"));
    EXPECT_FALSE(pattern.matches("arn:aws:iam::123456789013:role/awsreservedsso_admin_0123456789abcdef"));
    const auto longer = RolePattern::of({"Admin_ReadOnly", "123456789012"}).value();
    EXPECT_TRUE(longer.matches(std::string(role) + "awsreservedsso_admin_readonly_0123456789abcdef"));
    EXPECT_FALSE(longer.matches(std::string(role) + "awsreservedsso_admin_0123456789abcdef"));
}

TEST(PermissionSet, RefusesFieldsThatNameNone) {
    EXPECT_EQ(RolePattern::of({"Admin", "123456789012", "aws-us-govt"}).error(), RolePatternError::bad_partition);
    EXPECT_EQ(RolePattern::of({"Admin", "123456789012", ""}).error(), RolePatternError::bad_partition);
    EXPECT_EQ(RolePattern::of({"Admin", "12345678901", "aws"}).error(), RolePatternError::bad_account);
    EXPECT_EQ(RolePattern::of({"Adm*", "123456789012", "aws"}).error(), RolePatternError::bad_characters);
    EXPECT_EQ(RolePattern::of({"", "123456789012", "aws"}).error(), RolePatternError::bad_characters);
    EXPECT_TRUE(RolePattern::of({std::string(32, 'x'), "123456789012", "aws"}).has_value());
    EXPECT_FALSE(RolePattern::of({std::string(33, 'x'), "123456789012", "aws"}).has_value());
}

}  // namespace
}  // namespace arngate::mapping
