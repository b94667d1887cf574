#include "tests/config/check/findings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace arngate::config::check {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string arn = "arn:aws:iam::123456789012:";

std::string config_map(const std::string& roles, const std::string& users = "[]", const std::string& accounts = "[]") {
    return "mapRoles: '" + roles + "'\nmapUsers: '" + users + "'\nmapAccounts: '" + accounts + "'\n";
}

std::string config(const std::string& server) {
    return "clusterID: c\nserver:\n" + server;
}

TEST(Chain, NamesBothLinesOfADuplicate) {
    const auto findings = check_text(
        "f.yaml",
        "mapRoles: |\n"
        "  - {rolearn: " +
            arn +
            "role/Dev, username: a}\n"
            "  - {rolearn: " +
            arn +
            "role/Ops, username: b}\n"
            "  - {rolearn: " +
            arn + "role/DEV, username: c}\n"
    );
    ASSERT_THAT(places(findings), ElementsAre("duplicate@4:5"));
    EXPECT_EQ(findings[0].severity, Severity::error);
    EXPECT_NE(findings[0].message.find("f.yaml:2"), std::string::npos) << findings[0].message;
    ASSERT_TRUE(findings[0].other);
    EXPECT_EQ(findings[0].other->line, 2);
}

TEST(Chain, NamesDuplicatesOfTheConfigurationOnce) {
    EXPECT_THAT(
        places(check_text(
            "f.yaml",
            config(
                "  mapRoles:\n"
                "    - rolearn: " +
                arn +
                "role/Dev\n"
                "      username: a\n"
                "    - username: b\n"
                "      rolearn: " +
                arn + "role/Dev\n"
            )
        )),
        ElementsAre("duplicate@7:16")
    );
}

TEST(Chain, NamesAUserThatARoleReplaces) {
    const std::string same = arn + "user/Jane";
    EXPECT_THAT(
        rule_ids(check_text(
            "f", config_map("[{rolearn: \"" + same + "\", username: a}]", "[{userarn: \"" + same + "\", username: b}]")
        )),
        ElementsAre("duplicate")
    );
    EXPECT_THAT(
        rule_ids(check_text(
            "f.yaml",
            config(
                "  mapRoles: [{rolearn: \"" + same +
                "\", username: a}]\n"
                "  mapUsers: [{userarn: \"" +
                same + "\", username: b}]\n"
            )
        )),
        ElementsAre("duplicate")
    );
}

TEST(Chain, NamesEntriesThatTheTableLeavesOut) {
    EXPECT_THAT(
        rule_ids(check_text(
            "f",
            config_map("[{rolearn: \"arn:aws:sts::123456789012:assumed-role/Dev/jane\", username: a},"
                       " {rolearn: \"nonsense\", username: a}]")
        )),
        ElementsAre("rejected-entry", "rejected-entry")
    );
    EXPECT_THAT(
        rule_ids(check_text(
            "f",
            config_map(
                "[{rolearn: \"" + arn + "role/a/Dev\", username: a}, {rolearn: \"" + arn + "role/b/Dev\", username: a}]"
            )
        )),
        ElementsAre("rejected-entry")
    );
}

TEST(Chain, NamesAPatternThatALaterOneOfTheSameBeginningCovers) {
    const std::string narrow = "{rolearnLike: \"" + arn + "role/devs-?x\", username: a}";
    const std::string wide = "{rolearnLike: \"" + arn + "role/devs-*\", username: b}";
    EXPECT_THAT(rule_ids(check_text("f", config_map("[" + narrow + "," + wide + "]"))), ElementsAre("shadowed"));
    EXPECT_THAT(rule_ids(check_text("f", config_map("[" + wide + "," + narrow + "]"))), IsEmpty());
    const std::string longer = "{rolearnLike: \"" + arn + "role/devs-eu-*\", username: c}";
    EXPECT_THAT(rule_ids(check_text("f", config_map("[" + longer + "," + wide + "]"))), IsEmpty());
}

TEST(Chain, LooksAtFilesTogetherInTheOrderOfTheSources) {
    const std::vector<Input> inputs{
        {"map.yaml", config_map("[{rolearn: \"" + arn + "role/dev-1\", username: a}]")},
        {"config.yaml",
         config(
             "  backendMode: [MountedFile]\n"
             "  mapRoles:\n"
             "    - {rolearnLike: \"" +
             arn + "role/dev-*\", username: b}\n"
         )},
    };
    CheckOptions options;
    EXPECT_THAT(check(inputs, options), IsEmpty());
    options.backends = {"MountedFile", "EKSConfigMap"};
    const auto findings = check(inputs, options);
    ASSERT_THAT(rule_ids(findings), ElementsAre("shadowed"));
    EXPECT_EQ(findings[0].file, "map.yaml");
    EXPECT_EQ(findings[0].other->file, "config.yaml");
    options.backends = {"EKSConfigMap", "MountedFile"};
    EXPECT_THAT(check(inputs, options), IsEmpty());
    options.backends = {"EKSConfigMap"};
    EXPECT_THAT(rule_ids(check(inputs, options)), ElementsAre("unused-mapping"));
}

TEST(Chain, TakesReservedPrefixesOfTheConfigurationToOtherSources) {
    const std::vector<Input> inputs{
        {"map.yaml", config_map("[{rolearn: \"" + arn + "role/Dev\", username: admin}]")},
        {"config.yaml",
         config("  reservedPrefixConfig: [{backendmode: EKSConfigMap, usernamePrefixReserveList: [admin]}]\n")},
    };
    CheckOptions options;
    options.backends = {"MountedFile", "EKSConfigMap"};
    EXPECT_THAT(rule_ids(check(inputs, options)), ElementsAre("reserved-prefix"));
}

TEST(Chain, NamesEntriesBehindAnAccountRule) {
    const std::vector<Input> inputs{
        {"map.yaml", config_map("[]", "[]", "[\"123456789012\"]")},
        {"config.yaml",
         config("  mapRoles: [{rolearn: \"" + arn + "role/Dev\", username: a}]\n") +
             "mapping: {accountOrder: inChain}\n"},
    };
    CheckOptions options;
    options.backends = {"EKSConfigMap", "MountedFile"};
    EXPECT_THAT(rule_ids(check(inputs, options)), ElementsAre("shadowed"));
}

TEST(Checker, LeavesIgnoredRulesOut) {
    CheckOptions options;
    options.ignored = {"system-masters"};
    const std::string text =
        config_map("[{rolearn: \"" + arn + "role/Dev\", username: a, groups: [\"system:masters\"]}]");
    EXPECT_THAT(rule_ids(check_text("f", text)), ElementsAre("system-masters"));
    EXPECT_THAT(check_text("f", text, options), IsEmpty());
}

}  // namespace
}  // namespace arngate::config::check
