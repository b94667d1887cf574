#include "daemon/mapping_chain.hpp"

#include "tests/daemon/app/log_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace arngate {
namespace {

using testing::AllOf;
using testing::HasSubstr;

config::Settings settings_of(std::vector<std::string> modes) {
    config::Settings settings;
    settings.server.backend_mode = std::move(modes);
    settings.mapping.mounted_file.source = "MountedFile";
    mapping::Rule role;
    role.arn = "arn:aws:iam::123456789012:role/One";
    role.username = "one";
    settings.mapping.mounted_file.roles = {role};
    mapping::Rule user;
    user.arn = "arn:aws:iam::123456789012:user/Two";
    user.username = "two";
    settings.mapping.mounted_file.users = {user};
    settings.mapping.mounted_file.accounts = {"111122223333"};
    return settings;
}

TEST(MappingSources, AreThoseOfTheBackendsInTheirOrder) {
    const auto sources = mapping_sources(settings_of({"MountedFile"}));
    ASSERT_TRUE(sources.has_value());
    ASSERT_EQ(sources->size(), 1U);
    EXPECT_EQ(sources->front().source, "MountedFile");
}

TEST(MappingSources, RefuseWhatCannotBeReadInsteadOfLeavingItOut) {
    for (const char* mode : {"EKSConfigMap", "CRD", "DynamicFile"}) {
        const auto sources = mapping_sources(settings_of({"MountedFile", mode}));
        ASSERT_FALSE(sources.has_value()) << mode;
        EXPECT_THAT(sources.error(), HasSubstr(mode));
    }
}

TEST(MappingSources, HoldSsoEntriesBackWhileTheirGateIsOff) {
    LogLines lines;
    auto settings = settings_of({"MountedFile"});
    mapping::Rule sso;
    sso.sso = {{"Admin", "123456789012", "aws"}};
    settings.mapping.mounted_file.roles.push_back(sso);
    EXPECT_EQ(mapping_sources(settings)->front().roles.size(), 1U);
    EXPECT_THAT(lines.all(), HasSubstr("SSORoleMatch is off"));
    settings.feature_gates["SSORoleMatch"] = false;
    EXPECT_EQ(mapping_sources(settings)->front().roles.size(), 1U);
    settings.feature_gates["SSORoleMatch"] = true;
    EXPECT_EQ(mapping_sources(settings)->front().roles.size(), 2U);
}

TEST(BuildTable, NumbersAndCountsWhatItHolds) {
    const auto settings = settings_of({"MountedFile"});
    const auto table = build_table(*mapping_sources(settings), settings, 7);
    ASSERT_NE(table, nullptr);
    EXPECT_EQ(table->generation(), 7U);
    EXPECT_EQ(table->entries(), 3U);
}

TEST(LogMapping, WritesALineForEachEntryAsTheGoServerDoes) {
    LogLines lines;
    auto settings = settings_of({"MountedFile"});
    mapping::Rule sso;
    sso.sso = {{"Admin", "123456789012", "aws"}};
    sso.username = "admin";
    sso.groups = {"a", "b"};
    settings.mapping.mounted_file.roles.push_back(sso);
    settings.feature_gates["SSORoleMatch"] = true;
    mapping::Rule like;
    like.arn_like = "arn:aws:iam::123456789012:role/dev-*";
    like.username = "dev";
    settings.mapping.mounted_file.roles.push_back(like);
    log_mapping(*mapping_sources(settings));
    EXPECT_THAT(
        lines.all(),
        AllOf(
            HasSubstr(R"(msg="starting mapper \"MountedFile\"")"),
            HasSubstr(R"(msg="mapping IAM role" groups="[]" role="arn:aws:iam::123456789012:role/One" username=one)"),
            HasSubstr(R"(msg="mapping IAM role" groups="[a b]" sso=aws/123456789012/Admin username=admin)"),
            HasSubstr(
                R"(msg="mapping IAM roles" groups="[]" rolelike="arn:aws:iam::123456789012:role/dev-*" username=dev)"
            ),
            HasSubstr(R"(msg="mapping IAM user" groups="[]" user="arn:aws:iam::123456789012:user/Two" username=two)"),
            HasSubstr(R"(msg="mapping IAM Account" accountID=111122223333)")
        )
    );
}

}  // namespace
}  // namespace arngate
