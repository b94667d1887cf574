#include "config/rules.hpp"

#include "config/load.hpp"
#include "core/mapping/pattern_index.hpp"
#include "tests/config/temp_config.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

namespace arngate::config {
namespace {

using testing::TempConfig;

auto load_roles(const TempConfig& file, Profile profile = Profile::arngate) {
    LoadRequest request;
    request.file = file.path();
    request.default_profile = profile;
    return load(request);
}

std::string text_of(const std::string& roles) {
    return "clusterID: c\nserver:\n  mapRoles:\n" + roles;
}

TEST(Rules, LeaveNothingOfTheEntriesInTheDocument) {
    auto root = parse_document(
        "c.yaml",
        text_of("  - {rolearn: \"arn:aws:iam::123456789012:role/A\", username: a}\n"
                "  - {rolearn: \"arn:aws:iam::123456789012:role/A\", username: b}\n"
                "  mapUsers: {userarn: \"arn:aws:iam::123456789012:user/U\", username: u}\n")
    );
    ASSERT_TRUE(root);
    Report report("c.yaml");
    const auto rules = read_rules(*root, RolePaths::strip, report);
    EXPECT_EQ(rules.roles.size(), 2U);
    EXPECT_EQ(rules.users.size(), 1U);
    const Problems warnings = report.take_warnings();
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_TRUE(warnings.front().text().contains("the ARN of line 4 again")) << warnings.front().text();
    for (const Node& item : find_path(*root, "server.mapRoles")->value.items)
        EXPECT_TRUE(item.members.empty());
}

TEST(RolePatterns, AreReadInBothProfiles) {
    const TempConfig file(text_of("  - {rolearnLike: \"arn:aws:iam::123456789012:role/Dev-*\", username: dev}\n"));
    for (const Profile profile : {Profile::arngate, Profile::reference}) {
        const auto loaded = load_roles(file, profile);
        ASSERT_TRUE(loaded) << file.texts(loaded.error());
        ASSERT_EQ(loaded->settings.mapping.mounted_file.roles.size(), 1U);
        const mapping::Rule& rule = loaded->settings.mapping.mounted_file.roles.front();
        EXPECT_EQ(rule.arn_like, "arn:aws:iam::123456789012:role/Dev-*");
        EXPECT_TRUE(rule.arn.empty());
        EXPECT_EQ(rule.origin.line, 4);
        EXPECT_TRUE(loaded->warnings.empty());
    }
}

TEST(RolePatterns, AreRefusedWithTheirPlaceWhenTooBroad) {
    const TempConfig file(
        text_of("  - username: a\n"
                "    rolearnLike: arn:aws:iam::123456789012:role/*\n"
                "  - username: b\n"
                "    rolearnLike: arn:*:iam::123456789012:role/dev-*\n"
                "  - username: c\n"
                "    rolearnLike: [a]\n")
    );
    const auto loaded = load_roles(file);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(
        file.texts(loaded.error()),
        "c.yaml:5:18: server.mapRoles[0].rolearnLike: found \"arn:aws:iam::123456789012:role/*\", expected a pattern "
        "such as arn:aws:iam::123456789012:role/dev-*. The pattern is too broad: at least three characters of the name "
        "stand before its first wildcard.\n"
        "c.yaml:7:18: server.mapRoles[1].rolearnLike: found \"arn:*:iam::123456789012:role/dev-*\", expected a pattern "
        "such as arn:aws:iam::123456789012:role/dev-*. The second section of the pattern is a known partition such as "
        "aws, without wildcards.\n"
        "c.yaml:9:18: server.mapRoles[2].rolearnLike: found a list, expected text."
    );
}

TEST(RolePatterns, StandAloneInTheirEntry) {
    const TempConfig file(
        text_of("  - username: a\n"
                "    rolearn: arn:aws:iam::123456789012:role/R\n"
                "    rolearnLike: arn:aws:iam::123456789012:role/dev-*\n")
    );
    const auto loaded = load_roles(file);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(
        file.texts(loaded.error()),
        "c.yaml:4:5: server.mapRoles[0]: found rolearn and rolearnLike, expected exactly one of rolearn, rolearnLike "
        "and sso."
    );
}

TEST(RolePatterns, AreNamedWithBothLinesWhenWrittenTwice) {
    const TempConfig file(
        text_of("  - {rolearnLike: \"arn:aws:iam::123456789012:role/dev-*\", username: a}\n"
                "  - {rolearnLike: \"arn:aws:iam::123456789012:role/DEV-*\", username: b}\n"
                "  - {sso: {permissionSetName: V, accountID: \"123456789012\"}, username: c}\n"
                "  - {sso: {permissionSetName: v, accountID: \"123456789012\"}, username: d}\n")
    );
    const auto loaded = load_roles(file);
    ASSERT_TRUE(loaded) << file.texts(loaded.error());
    EXPECT_EQ(
        file.texts(loaded->warnings),
        "c.yaml:5:19: server.mapRoles[1].rolearnLike: found the ARN of line 4 again. The later entry wins.\n"
        "c.yaml:7:11: server.mapRoles[3].sso: found the ARN of line 6 again. The later entry wins."
    );
}

TEST(RolePatterns, AreBoundedInNumberForOneBeginning) {
    std::string roles;
    for (std::size_t i = 0; i < mapping::PatternIndex::max_per_prefix; ++i) {
        roles += "  - {rolearnLike: \"arn:aws:iam::123456789012:role/dev-*-" + std::to_string(i) + "\", username: a}\n";
    }
    roles += "  - {rolearnLike: \"arn:aws:iam::123456789012:role/dev-*-0\", username: again}\n";
    EXPECT_TRUE(load_roles(TempConfig(text_of(roles))));
    const TempConfig file(text_of(roles + "  - {rolearnLike: \"arn:aws:iam::123456789012:role/dev-?\", username: a}\n")
    );
    const auto loaded = load_roles(file);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(
        file.texts(loaded.error()),
        "c.yaml:69:19: server.mapRoles[65].rolearnLike: found one pattern too many with this beginning, expected at "
        "most "
        "64 patterns that are the same up to the first wildcard."
    );
}

}  // namespace
}  // namespace arngate::config
