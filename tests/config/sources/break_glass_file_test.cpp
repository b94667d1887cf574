#include "config/sources/break_glass_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate::config {
namespace {

using testing::HasSubstr;

std::expected<SourceReading, Problems> read(std::string_view text, const Settings& settings = {}) {
    return read_break_glass("glass.yaml", text, settings);
}

constexpr std::string_view sample = R"(mapRoles:
  - rolearn: arn:aws:iam::123456789012:role/path/Rescue
    username: rescue
    groups: [system:masters]
MAPUSERS:
  - userarn: arn:aws:iam::123456789012:user/Alice
    username: alice
mapAccounts: ["111122223333"]
)";

TEST(BreakGlassFile, HoldsTheListsOfTheConfigurationAtItsTop) {
    const auto reading = read(sample);
    ASSERT_TRUE(reading.has_value()) << reading.error().front().text();
    const mapping::SourceRules& rules = reading->rules;
    EXPECT_EQ(rules.source, "BreakGlass");
    EXPECT_TRUE(rules.break_glass);
    ASSERT_EQ(rules.roles.size(), 1U);
    EXPECT_EQ(rules.roles[0].arn, "arn:aws:iam::123456789012:role/path/Rescue");
    EXPECT_EQ(rules.roles[0].origin.file, "glass.yaml");
    EXPECT_EQ(rules.roles[0].origin.line, 2);
    EXPECT_EQ(rules.users.size(), 1U);
    EXPECT_EQ(rules.accounts.size(), 1U);
}

TEST(BreakGlassFile, HoldsSsoEntriesBackWhileTheirGateIsOff) {
    constexpr std::string_view text =
        "mapRoles: [{sso: {permissionSetName: Admin, accountID: '123456789012'}, username: a}]\n";
    EXPECT_TRUE(read(text)->rules.roles.empty());
    Settings settings;
    settings.feature_gates["SSORoleMatch"] = true;
    EXPECT_EQ(read(text, settings)->rules.roles.size(), 1U);
}

TEST(BreakGlassFile, MayBeEmpty) {
    for (const std::string_view text : {"", "{}", "mapRoles: []\n"}) {
        const auto reading = read(text);
        ASSERT_TRUE(reading.has_value()) << text;
        EXPECT_TRUE(reading->rules.roles.empty());
    }
}

TEST(BreakGlassFile, IsRefusedWithAnythingElseInIt) {
    for (const std::string_view text :
         {"server: {mapRoles: []}\n",
          "mapRole: []\n",
          "clusterID: c\n",
          "[]\n",
          "text\n",
          "mapRoles: [\n",
          "mapRoles: {a: b}\n",
          "mapRoles: [{rolearn: not-an-arn, username: x}]\n"}) {
        const auto reading = read(text);
        ASSERT_FALSE(reading.has_value()) << text;
        EXPECT_THAT(reading.error().front().text(), HasSubstr("glass.yaml:")) << text;
    }
}

}  // namespace
}  // namespace arngate::config
