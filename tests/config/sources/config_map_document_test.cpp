#include "config/sources/config_map_document.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace arngate::config {
namespace {

ConfigMapDocument roles(std::string text) {
    return read_config_map({{"mapRoles", std::move(text)}});
}

std::string texts(const Problems& problems) {
    std::string out;
    for (const Problem& problem : problems) {
        out += problem.text() + "\n";
    }
    return out;
}

constexpr std::string_view admin = "- rolearn: arn:aws:iam::123456789012:role/Admin\n";

TEST(ConfigMapDocument, IsASourceOfWrittenArns) {
    const auto document = read_config_map({});
    EXPECT_EQ(document.rules.source, "EKSConfigMap");
    EXPECT_EQ(document.rules.match, mapping::MatchBy::written_arn);
    EXPECT_TRUE(document.problems.empty());
}

TEST(ConfigMapDocument, NamesTheLineOfWhatIsLeftOut) {
    const auto document = roles(
        "- username: a\n"
        "- rolearn: arn:aws:iam::123456789012:role/R\n"
        "  username: yes\n"
        "- text\n"
        "- rolearn: arn:aws:iam::123456789012:role/S\n"
        "  username: s\n"
        "  groups: [a, 1]\n"
        "- rolearn: arn:aws:iam::123456789012:role/T\n"
        "  username: t\n"
        "  groups: g\n"
    );
    EXPECT_EQ(
        texts(document.problems),
        "kube-system/aws-auth mapRoles:1:3: mapRoles[0]: found neither rolearn, rolearnLike nor sso, expected exactly "
        "one of rolearn, rolearnLike and sso.\n"
        "kube-system/aws-auth mapRoles:3:13: mapRoles[1].username: found \"true\", expected text: put it in quotes.\n"
        "kube-system/aws-auth mapRoles:4:3: mapRoles[2]: found \"text\", expected an entry, which is a map of keys.\n"
        "kube-system/aws-auth mapRoles:7:15: mapRoles[3].groups: found \"1\", expected text: put it in quotes.\n"
        "kube-system/aws-auth mapRoles:10:11: mapRoles[4].groups: found \"g\", expected a list of texts.\n"
    );
    ASSERT_EQ(document.rules.roles.size(), 1U);
    const mapping::Rule& kept = document.rules.roles.front();
    EXPECT_EQ(kept.username, "t");
    EXPECT_TRUE(kept.groups.empty());
    EXPECT_EQ(kept.origin.file, "kube-system/aws-auth mapRoles");
    EXPECT_EQ(kept.origin.line, 8);
}

TEST(ConfigMapDocument, ReadsNoWordOfYaml11AsAName) {
    for (const char* word : {"y", "Y",    "yes",   "Yes", "YES", "on",  "On",   "ON",    "true",  "True",  "TRUE",
                             "n", "N",    "no",    "No",  "NO",  "off", "Off",  "OFF",   "false", "False", "FALSE",
                             "1", "0x1F", "1_000", "1e3", "-1",  ".5",  ".inf", "-.INF", ".NaN"}) {
        const auto document = roles(std::string(admin) + "  username: " + word + "\n");
        EXPECT_TRUE(document.rules.roles.empty()) << word;
        EXPECT_EQ(document.problems.size(), 1U) << word;
        const auto quoted = roles(std::string(admin) + "  username: \"" + word + "\"\n");
        ASSERT_EQ(quoted.rules.roles.size(), 1U) << word;
        EXPECT_EQ(quoted.rules.roles.front().username, word);
    }
    for (const char* word : {"yEs", "oN", "tRUE", "nope", "yesterday", "1:30", "2024-01-01", "1.2.3", "a1", "inf"}) {
        const auto document = roles(std::string(admin) + "  username: " + word + "\n");
        ASSERT_EQ(document.rules.roles.size(), 1U) << word;
        EXPECT_EQ(document.rules.roles.front().username, word);
    }
}

TEST(ConfigMapDocument, TakesNullsForMissing) {
    const auto document = roles(std::string(admin) + "  username: ~\n  groups: null\n  userid:\n  sso:\n");
    EXPECT_TRUE(document.problems.empty());
    ASSERT_EQ(document.rules.roles.size(), 1U);
    EXPECT_TRUE(document.rules.roles.front().username.empty());
    EXPECT_TRUE(roles(std::string(admin) + "  username: a\n  groups: [~]\n").rules.roles.empty());
}

TEST(ConfigMapDocument, KeepsAnEntryWhoseUserIdIsNoText) {
    const auto document = roles(std::string(admin) + "  username: a\n  userid: 5\n");
    EXPECT_EQ(document.problems.size(), 1U);
    ASSERT_EQ(document.rules.roles.size(), 1U);
    EXPECT_TRUE(document.rules.roles.front().user_id.empty());
}

TEST(ConfigMapDocument, LeavesOutRolesSaidInTwoWaysOrAWrongOne) {
    constexpr std::string_view set = "{permissionSetName: A, accountID: \"123456789012\"}";
    for (const std::string& entry : {
             std::string(admin) + "  sso: 5\n",
             std::string("- rolearn: 5\n  sso: ") + std::string(set) + "\n",
             std::string(admin) + "  rolearnLike: arn:aws:iam::123456789012:role/dev-*\n",
             std::string("- rolearnLike: arn:aws:iam::123456789012:role/*\n"),
             std::string("- rolearnLike: arn:aws:iam::123456789012:role/dev\n"),
             std::string("- rolearnLike: [arn:aws:iam::123456789012:role/dev-*]\n"),
             std::string("- sso: {permissionSetName: 5, accountID: \"123456789012\"}\n"),
             std::string("- sso: {permissionSetName: A, accountID: \"123456789012\", partition: 5}\n"),
             std::string("- sso: []\n"),
         }) {
        const auto document = roles(entry + "  username: a\n");
        EXPECT_TRUE(document.rules.roles.empty()) << entry;
        EXPECT_FALSE(document.problems.empty()) << entry;
    }
    const auto good = roles("- rolearnLike: arn:aws:iam::123456789012:role/dev-*\n  username: a\n");
    ASSERT_EQ(good.rules.roles.size(), 1U);
    EXPECT_EQ(good.rules.roles.front().arn_like, "arn:aws:iam::123456789012:role/dev-*");
}

TEST(ConfigMapDocument, ObeysTheLastOfEqualKeys) {
    const auto document = roles(std::string(admin) + "  USERNAME: c\n  username: a\n  Username: d\n  username: b\n");
    ASSERT_EQ(document.rules.roles.size(), 1U);
    EXPECT_EQ(document.rules.roles.front().username, "b");
}

TEST(ConfigMapDocument, ReadsOnlyTheFirstDocument) {
    const auto document = roles(std::string(admin) + "  username: a\n---\n{broken\n");
    EXPECT_TRUE(document.problems.empty());
    EXPECT_EQ(document.rules.roles.size(), 1U);
}

TEST(ConfigMapDocument, RefusesTooMuch) {
    std::string text = std::string(admin) + "  username: a\n#";
    text.append(max_config_map_value_bytes - text.size(), 'x');
    EXPECT_EQ(roles(text).rules.roles.size(), 1U);
    const auto larger = roles(text + "x");
    EXPECT_TRUE(larger.rules.roles.empty());
    EXPECT_EQ(
        texts(larger.problems),
        "kube-system/aws-auth mapRoles: mapRoles: found more than 1 MiB, expected a value as an API server keeps it.\n"
    );

    const auto deep = roles(std::string(100, '[') + std::string(100, ']'));
    EXPECT_EQ(deep.problems.size(), 1U);
    std::string bomb = "- &a [x, x, x, x, x, x, x, x, x, x]\n";
    for (char c = 'a'; c < 'i'; ++c) {
        bomb += std::string("- &") + static_cast<char>(c + 1) + " [*" + c + ", *" + c + ", *" + c + ", *" + c + ", *" +
                c + ", *" + c + ", *" + c + ", *" + c + "]\n";
    }
    EXPECT_EQ(roles(bomb).problems.size(), 1U);
}

TEST(ConfigMapDocument, KeepsOnePartWhenAnotherIsBroken) {
    const auto document = read_config_map(
        {{"mapRoles", "{"},
         {"mapUsers", "- userarn: arn:aws:iam::123456789012:user/a\n  username: a\n- userarn: 5\n  username: b\n"},
         {"mapAccounts", "- 012345678901\n- {a: b}\n- no\n"}}
    );
    EXPECT_TRUE(document.rules.roles.empty());
    EXPECT_EQ(document.rules.users.size(), 1U);
    EXPECT_EQ(document.rules.accounts, (std::vector<std::string>{"012345678901", "no"}));
    EXPECT_EQ(document.problems.size(), 4U) << texts(document.problems);
}

}  // namespace
}  // namespace arngate::config
