#include "config/chain/mapping_diff.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace arngate::config {
namespace {

using mapping::Rule;
using mapping::SourceRules;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Rule role(const std::string& name, const std::string& username = "u", const std::string& account = "123456789012") {
    Rule rule;
    rule.arn = "arn:aws:iam::" + account + ":role/" + name;
    rule.username = username;
    return rule;
}

SourceRules roles(std::vector<Rule> rules) {
    SourceRules source;
    source.roles = std::move(rules);
    return source;
}

TEST(MappingDiff, IsEmptyBetweenEqualRulesWhereverTheyStand) {
    SourceRules before = roles({role("a"), role("b")});
    before.accounts = {"111122223333"};
    SourceRules after = before;
    after.roles[0].origin = {"file", 7, 1};
    EXPECT_TRUE(difference(before, after).empty());
    EXPECT_TRUE(difference({}, {}).empty());
}

TEST(MappingDiff, CountsWhatCameWentAndChanged) {
    SourceRules before = roles({role("a"), role("b"), role("c"), role("d")});
    before.accounts = {"111122223333"};
    SourceRules after = roles({role("a"), role("c", "other"), role("d"), role("e")});
    after.users = {role("u")};
    const MappingDiff diff = difference(before, after);
    EXPECT_EQ(diff.added, 2U);
    EXPECT_EQ(diff.removed, 2U);
    EXPECT_EQ(diff.changed, 1U);
    EXPECT_FALSE(diff.rearranged);
    EXPECT_THAT(
        diff.examples,
        ElementsAre(
            "-arn:aws:iam::123456789012:role/b",
            "~arn:aws:iam::123456789012:role/c",
            "+arn:aws:iam::123456789012:role/e",
            "+arn:aws:iam::123456789012:role/u",
            "-account 111122223333"
        )
    );
}

TEST(MappingDiff, SeesEveryFieldOfAnEntry) {
    const auto edits = {
        +[](Rule& rule) { rule.username = "x"; },
        +[](Rule& rule) { rule.groups = {"g"}; },
        +[](Rule& rule) { rule.user_id = "AROAEXAMPLE"; },
    };
    for (const auto edit : edits) {
        SourceRules after = roles({role("a")});
        edit(after.roles[0]);
        EXPECT_EQ(difference(roles({role("a")}), after).changed, 1U);
    }
    Rule sso;
    sso.sso = {{"Admin", "123456789012", "aws"}};
    Rule other = sso;
    other.sso[0].partition = "aws-cn";
    const MappingDiff diff = difference(roles({sso}), roles({other}));
    EXPECT_THAT(diff.examples, ElementsAre("-sso aws/123456789012/Admin", "+sso aws-cn/123456789012/Admin"));
}

TEST(MappingDiff, SaysWhenOnlyTheOrderOrTheReservedPrefixesDiffer) {
    EXPECT_TRUE(difference(roles({role("a"), role("b")}), roles({role("b"), role("a")})).rearranged);
    SourceRules reserved;
    reserved.reserved_prefixes = {"system:"};
    EXPECT_TRUE(difference({}, reserved).rearranged);
    SourceRules by_id;
    by_id.match = mapping::MatchBy::user_id;
    EXPECT_FALSE(difference({}, by_id).empty());
}

TEST(MappingDiff, TakesTheLastOfEntriesForOneArn) {
    const MappingDiff same = difference(roles({role("a", "x"), role("A", "y")}), roles({role("a", "y")}));
    EXPECT_EQ(same.added + same.removed, 0U);
    EXPECT_FALSE(same.empty());
    EXPECT_EQ(difference(roles({role("a", "x"), role("a", "y")}), roles({role("a", "z")})).changed, 1U);
}

TEST(MappingDiff, CountsScrubbedAccountsAndShowsNoneOfThem) {
    const std::vector<std::string> scrubbed{"999999999999"};
    Rule like;
    like.arn_like = "arn:aws:iam::999999999999:role/dev-*";
    Rule id_alone;
    id_alone.user_id = "AROAEXAMPLE";
    SourceRules after = roles({role("a", "u", "999999999999"), like, id_alone, role("b")});
    after.accounts = {"999999999999"};
    const MappingDiff diff = difference({}, after, scrubbed);
    EXPECT_EQ(diff.added, 5U);
    EXPECT_THAT(diff.examples, ElementsAre("+arn:aws:iam::123456789012:role/b"));
    EXPECT_THAT(difference({}, roles({id_alone})).examples, ElementsAre("+user id AROAEXAMPLE"));
}

TEST(MappingDiff, ShowsNoMoreThanTheFirstFew) {
    SourceRules after;
    for (int i = 0; i < 6; ++i) {
        after.roles.push_back(role(fmt::format("r{}", i)));
    }
    MappingDiff diff = difference({}, after);
    EXPECT_EQ(diff.added, 6U);
    EXPECT_THAT(diff.examples, SizeIs(MappingDiff::max_examples));
    MappingDiff sum;
    EXPECT_THAT(sum.examples, IsEmpty());
    sum += difference({}, roles({role("x")}));
    sum += diff;
    EXPECT_EQ(sum.added, 7U);
    EXPECT_EQ(sum.examples.front(), "+arn:aws:iam::123456789012:role/x");
    EXPECT_THAT(sum.examples, SizeIs(MappingDiff::max_examples));
}

TEST(MappingDiff, FindsFewEditsAmongMany) {
    std::vector<Rule> many;
    for (int i = 0; i < 200; ++i) {
        many.push_back(role(fmt::format("r{}", i)));
    }
    const SourceRules before = roles(many);
    many[199].username = "other";
    many.insert(many.begin() + 150, {role("new-1"), role("new-2")});
    many.erase(many.begin() + 100, many.begin() + 103);
    many[50].username = "other";
    many[51].username = "other";
    const SourceRules after = roles(many);
    const MappingDiff diff = difference(before, after);
    EXPECT_EQ(diff.added, 2U);
    EXPECT_EQ(diff.removed, 3U);
    EXPECT_EQ(diff.changed, 3U);
    EXPECT_FALSE(diff.rearranged);
    const MappingDiff back = difference(after, before);
    EXPECT_EQ(back.added, 3U);
    EXPECT_EQ(back.removed, 2U);
    EXPECT_EQ(back.changed, 3U);
}

// More at one place than is looked ahead: the counts do not depend on how far that is.
TEST(MappingDiff, CountsBlocksOfAnySize) {
    std::vector<Rule> many;
    for (int i = 0; i < 60; ++i) {
        many.push_back(role(fmt::format("r{}", i)));
    }
    const SourceRules before = roles(many);
    many[59].username = "other";
    many.erase(many.begin() + 20, many.begin() + 30);
    std::vector<Rule> block;
    for (int i = 0; i < 12; ++i) {
        block.push_back(role(fmt::format("new-{}", i)));
    }
    many.insert(many.begin() + 5, block.begin(), block.end());
    const MappingDiff diff = difference(before, roles(many));
    EXPECT_EQ(diff.added, 12U);
    EXPECT_EQ(diff.removed, 10U);
    EXPECT_EQ(diff.changed, 1U);
    EXPECT_FALSE(diff.rearranged);
}

TEST(MappingDiff, CountsEntriesOfAllKinds) {
    SourceRules rules = roles({role("a")});
    rules.users = {role("b"), role("c")};
    rules.accounts = {"111122223333"};
    EXPECT_EQ(count_entries(rules), 4U);
}

}  // namespace
}  // namespace arngate::config
