// Entries for many roles: patterns and permission sets, and which of them decides.

#include "core/base/text.hpp"
#include "core/mapping/pattern_index.hpp"
#include "core/mapping/table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::mapping {
namespace {

constexpr std::string_view role = "arn:aws:iam::123456789012:role/";

Rule entry(std::string_view username, int line) {
    Rule rule;
    rule.username = username;
    rule.origin = {"map.yaml", line, 3};
    return rule;
}

Rule like(std::string_view name, std::string_view username, int line = 1) {
    Rule rule = entry(username, line);
    rule.arn_like = std::string(role).append(name);
    return rule;
}

Rule exact(std::string_view name, std::string_view username, int line = 1) {
    Rule rule = entry(username, line);
    rule.arn = std::string(role).append(name);
    return rule;
}

Rule sso(std::string_view name, std::string_view username, int line = 1) {
    Rule rule = entry(username, line);
    rule.sso.push_back({std::string(name), "123456789012"});
    return rule;
}

SourceRules source(std::vector<Rule> roles, std::vector<std::string> accounts = {}) {
    SourceRules rules;
    rules.source = "MountedFile";
    rules.roles = std::move(roles);
    rules.accounts = std::move(accounts);
    return rules;
}

struct Built {
    std::shared_ptr<const Table> table;
    std::vector<TableWarning> warnings;
};

Built build(std::vector<SourceRules> sources, const TableOptions& options = {}) {
    Built built;
    built.table = Table::build(std::move(sources), options, built.warnings);
    return built;
}

std::string username(const Built& built, std::string_view name) {
    sts::CallerIdentity identity;
    identity.canonical_arn = std::string(role).append(name);
    identity.mapping_key = text::to_lower(identity.canonical_arn);
    identity.account_id = "123456789012";
    const Result<KubernetesUser> user = built.table->map(identity);
    return user ? user->username : "refused: " + std::string(label(user.error().reason));
}

TEST(TablePatterns, GiveTheirUserToEveryRoleTheyMatch) {
    const Built built = build({source({like("dev-*", "dev"), sso("View", "viewer")})});
    EXPECT_TRUE(built.warnings.empty());
    EXPECT_EQ(built.table->entries(), 2U);
    EXPECT_EQ(username(built, "Dev-One"), "dev");
    EXPECT_EQ(username(built, "AWSReservedSSO_View_0123456789abcdef"), "viewer");
    EXPECT_EQ(username(built, "AWSReservedSSO_View_Only_0123456789abcdef"), "refused: not_mapped");
    EXPECT_EQ(username(built, "prod-One"), "refused: not_mapped");
}

TEST(TablePatterns, GiveWayToExactEntriesOfTheirSource) {
    for (const auto& order :
         {std::vector{like("dev-*", "pattern"), exact("dev-one", "exact")},
          std::vector{exact("dev-one", "exact"), like("dev-*", "pattern")}}) {
        EXPECT_EQ(username(build({source(order)}), "dev-one"), "exact");
        EXPECT_EQ(username(build({source(order)}), "dev-two"), "pattern");
    }
    SourceRules users = source({like("dev-*", "pattern")});
    users.users = {exact("dev-one", "user")};
    EXPECT_EQ(username(build({users}), "dev-one"), "user");
}

TEST(TablePatterns, FollowTheOrderOfSources) {
    const SourceRules patterns = source({like("dev-*", "pattern")});
    const SourceRules exacts = source({exact("dev-one", "exact")});
    EXPECT_EQ(username(build({patterns, exacts}), "dev-one"), "pattern");
    EXPECT_EQ(username(build({exacts, patterns}), "dev-one"), "exact");
    const SourceRules longer = source({like("dev-on*", "longer")});
    EXPECT_EQ(username(build({patterns, longer}), "dev-one"), "pattern");
    EXPECT_EQ(username(build({longer, patterns}), "dev-one"), "longer");
    EXPECT_EQ(username(build({longer, patterns}), "dev-two"), "pattern");
}

TEST(TablePatterns, ComeBeforeAccountRulesAsOtherEntriesDo) {
    const SourceRules accounts = source({}, {"123456789012"});
    const SourceRules patterns = source({like("dev-*", "pattern")});
    EXPECT_EQ(username(build({accounts, patterns}), "dev-one"), "pattern");
    TableOptions in_chain;
    in_chain.accounts = AccountOrder::in_chain;
    EXPECT_EQ(username(build({accounts, patterns}, in_chain), "dev-one"), std::string(role) + "dev-one");
    EXPECT_EQ(username(build({patterns, accounts}, in_chain), "dev-one"), "pattern");
}

TEST(TablePatterns, PreferTheLongerLiteralPrefix) {
    const std::vector<Rule> rules{
        like("dev-*", "short"),
        like("dev-a*z", "middle"),
        like("dev-ab*", "long"),
        sso("Admin", "set"),
        like("AWSReservedSSO_*", "all"),
        like("AWSReservedSSO_Admin_0*", "spelt")
    };
    std::vector<Rule> backwards(rules.rbegin(), rules.rend());
    for (const auto& order : {rules, backwards}) {
        const Built built = build({source(order)});
        EXPECT_EQ(username(built, "dev-abz"), "long");
        EXPECT_EQ(username(built, "dev-acz"), "middle");
        EXPECT_EQ(username(built, "dev-ac"), "short");
        EXPECT_EQ(username(built, "AWSReservedSSO_Admin_1234"), "set");
        EXPECT_EQ(username(built, "AWSReservedSSO_Admin_0123"), "spelt");
        EXPECT_EQ(username(built, "AWSReservedSSO_Other_0123"), "all");
    }
}

TEST(TablePatterns, PreferTheLaterOfOneLiteralPrefix) {
    const Built built = build({source({like("dev-*-a", "first"), like("dev-?-a", "second"), like("dev-*", "third")})});
    EXPECT_EQ(username(built, "dev-1-a"), "third");
    const Built other = build({source({like("dev-*", "first"), like("dev-?-a", "second"), like("dev-*-a", "third")})});
    EXPECT_EQ(username(other, "dev-1-a"), "third");
    EXPECT_EQ(username(other, "dev-1"), "first");
}

TEST(TablePatterns, NameBothPlacesWhenTheSameIsWrittenTwice) {
    const Built built = build({source(
        {like("dev-*", "one", 10),
         like("dev-?", "between", 20),
         like("DEV-*", "two", 30),
         sso("View", "a", 40),
         sso("VIEW", "b", 50)}
    )});
    ASSERT_EQ(built.warnings.size(), 4U);
    EXPECT_EQ(built.warnings[0].origin.line, 30);
    EXPECT_NE(built.warnings[0].message.find("map.yaml:10:3"), std::string::npos);
    EXPECT_EQ(built.warnings[1].origin.line, 10);
    EXPECT_NE(built.warnings[1].message.find("map.yaml:30:3"), std::string::npos);
    EXPECT_EQ(built.warnings[2].origin.line, 50);
    EXPECT_EQ(built.warnings[3].origin.line, 40);
    EXPECT_EQ(username(built, "dev-x"), "two") << "the later one has the later place";
    EXPECT_EQ(username(built, "AWSReservedSSO_View_01"), "b");
    EXPECT_EQ(built.table->entries(), 3U);
}

TEST(TablePatterns, LeaveOutWhatIsNone) {
    Rule both = like("dev-*", "x", 3);
    both.arn = std::string(role) + "Admin";
    Rule set = sso("View", "x", 4);
    set.sso.front().account_id = "1";
    SourceRules rules = source({like("*", "x", 1), like("dev", "x", 2), both, set, exact("ok", "ok", 5)});
    rules.users = {like("dev-*", "x", 6), sso("View", "x", 7)};
    const Built built = build({rules});
    ASSERT_EQ(built.warnings.size(), 6U);
    EXPECT_EQ(built.table->entries(), 1U);
    EXPECT_EQ(username(built, "dev-1"), "refused: not_mapped");
    EXPECT_EQ(username(built, "Admin"), "refused: not_mapped");
    EXPECT_EQ(username(built, "ok"), "ok");
}

TEST(TablePatterns, BoundTheirNumberOfOneLiteralPrefix) {
    std::vector<Rule> rules;
    for (std::size_t i = 0; i <= PatternIndex::max_per_prefix; ++i) {
        rules.push_back(like("dev-*-" + std::to_string(i), "user-" + std::to_string(i), static_cast<int>(i)));
    }
    const Built built = build({source(rules)});
    ASSERT_EQ(built.warnings.size(), 1U);
    EXPECT_EQ(built.warnings[0].origin.line, static_cast<int>(PatternIndex::max_per_prefix));
    EXPECT_EQ(username(built, "dev-x-63"), "user-63");
    EXPECT_EQ(username(built, "dev-x-64"), "refused: not_mapped");
    rules.pop_back();
    EXPECT_TRUE(build({source(rules)}).warnings.empty());
}

TEST(TablePatterns, IgnoreCallersWithKeysOfNoRole) {
    const Built built = build({source({like("dev-*", "dev")})});
    EXPECT_EQ(username(built, "dev-" + std::string(4000, 'x')), "refused: not_mapped");
    EXPECT_EQ(built.table->map(sts::CallerIdentity{}).error().reason, Reason::not_mapped);
}

TEST(TablePatterns, HoldAHundredThousand) {
    constexpr int count = 100'000;
    SourceRules rules = source({});
    rules.roles.reserve(count);
    for (int i = 0; i < count; ++i) {
        const std::string number = std::to_string(i);
        rules.roles.push_back(i % 2 == 0 ? like("team-" + number + "-*", "team" + number) : sso("S" + number, number));
    }
    const Built built = build({std::move(rules)});
    EXPECT_TRUE(built.warnings.empty());
    EXPECT_EQ(built.table->entries(), std::size_t{count});
    EXPECT_EQ(username(built, "team-99998-x"), "team99998");
    EXPECT_EQ(username(built, "AWSReservedSSO_S77777_0123456789abcdef"), "77777");
    EXPECT_EQ(username(built, "team-99999-x"), "refused: not_mapped");
}

/// Entries of different keys never compete by their place, so shuffling them must change nothing.
TEST(TablePatterns, DecideTheSameHoweverDifferentEntriesAreShuffled) {
    std::vector<Rule> rules;
    for (int i = 0; i < 40; ++i) {
        const std::string number = std::to_string(i);
        rules.push_back(exact("role-" + number, "exact-" + number));
        rules.push_back(like("role-" + number + "*", "like-" + number));
        rules.push_back(sso("Set" + number, "set-" + number));
        rules.push_back(like("AWSReservedSSO_Set" + number + "*", "sets-" + number));
    }
    std::vector<std::string> names;
    for (int i = 0; i < 140; ++i) {
        names.push_back("role-" + std::to_string(i));
        names.push_back("AWSReservedSSO_Set" + std::to_string(i) + "_abc");
        names.push_back("AWSReservedSSO_Set" + std::to_string(i) + "_a_bc");
    }
    const auto outcome = [&](const std::vector<Rule>& order) {
        const Built built = build({source(order)});
        std::vector<std::string> users;
        for (const std::string& name : names) {
            users.push_back(username(built, name));
        }
        return users;
    };
    const std::vector<std::string> expected = outcome(rules);
    std::mt19937 random(20'240'601);
    for (int round = 0; round < 100; ++round) {
        std::ranges::shuffle(rules, random);
        ASSERT_EQ(outcome(rules), expected) << "round " << round;
    }
}

}  // namespace
}  // namespace arngate::mapping
