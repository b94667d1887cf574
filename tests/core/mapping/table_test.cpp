#include "core/mapping/table.hpp"

#include "core/base/text.hpp"
#include "tests/core/mapping/fake_node_names.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::mapping {
namespace {

constexpr std::string_view admin = "arn:aws:iam::123456789012:role/Admin";

sts::CallerIdentity caller(std::string_view canonical = admin) {
    sts::CallerIdentity identity;
    identity.canonical_arn = canonical;
    identity.mapping_key = text::to_lower(canonical);
    identity.account_id = "123456789012";
    identity.session_name = "alice@example.com";
    identity.access_key_id = "ASIAIOSFODNN7EXAMPLE";
    return identity;
}

Rule rule(std::string_view arn, std::string_view username, int line = 0) {
    Rule entry;
    entry.arn = arn;
    entry.username = username;
    entry.origin = {"map.yaml", line, 3};
    return entry;
}

SourceRules roles(std::vector<Rule> entries) {
    SourceRules source;
    source.source = "MountedFile";
    source.roles = std::move(entries);
    return source;
}

SourceRules account(std::string id, std::vector<std::string> reserved = {}) {
    SourceRules source;
    source.source = "DynamicFile";
    source.accounts.push_back(std::move(id));
    source.reserved_prefixes = std::move(reserved);
    return source;
}

struct Built {
    std::shared_ptr<const Table> table;
    std::vector<TableWarning> warnings;
};

Built build(std::vector<SourceRules> sources, const TableOptions& options = {}) {
    Built built;
    built.table = Table::build(std::move(sources), options, built.warnings, 7);
    return built;
}

std::string username(const Built& built, const sts::CallerIdentity& identity = caller()) {
    const Result<KubernetesUser> user = built.table->map(identity);
    return user ? user->username : "refused: " + std::string(label(user.error().reason));
}

TEST(Table, IsMadeOfSharedSourcesWithoutChangingThem) {
    const std::vector<std::shared_ptr<const SourceRules>> sources{
        std::make_shared<const SourceRules>(roles({rule(admin, "one")})),
        std::make_shared<const SourceRules>(account("111122223333", {"system:"})),
    };
    std::vector<TableWarning> warnings;
    const auto table = Table::build(sources, {}, warnings, 3);
    EXPECT_EQ(table->generation(), 3U);
    EXPECT_EQ(table->entries(), 2U);
    EXPECT_EQ(sources[0]->roles.size(), 1U);
    EXPECT_EQ(sources[1]->reserved_prefixes.size(), 1U);
}

TEST(Table, TellsWhoCameInByASourceForEmergencies) {
    SourceRules glass = roles({rule("arn:aws:iam::123456789012:role/Glass", "glass")});
    glass.accounts = {"123456789012"};
    glass.break_glass = true;
    const auto built = build({roles({rule(admin, "one")}), glass});
    EXPECT_FALSE(built.table->map(caller())->break_glass);
    EXPECT_TRUE(built.table->map(caller("arn:aws:iam::123456789012:role/Glass"))->break_glass);
    EXPECT_TRUE(built.table->map(caller("arn:aws:iam::123456789012:role/Other"))->break_glass);
}

TEST(Table, TellsWhetherATemplateAsksForTheNameOfANode) {
    EXPECT_FALSE(build({roles({rule(admin, "{{SessionName}}")})}).table->asks_node_names());
    EXPECT_TRUE(build({roles({rule(admin, "system:node:{{EC2PrivateDNSName}}")})}).table->asks_node_names());
    Rule by_group = rule(admin, "one");
    by_group.groups = {"g", "{{EC2PrivateDNSName}}"};
    EXPECT_TRUE(build({roles({by_group})}).table->asks_node_names());
}

TEST(Table, RefusesEverybodyWhenEmpty) {
    EXPECT_EQ(Table().map(caller()).error().reason, Reason::not_mapped);
    EXPECT_EQ(username(build({})), "refused: not_mapped");
    EXPECT_EQ(build({}).table->generation(), 7U);
    EXPECT_EQ(build({}).table->entries(), 0U);
}

TEST(Table, RefusesACallerWithoutAnyName) {
    EXPECT_EQ(username(build({roles({rule(admin, "x")}), account("1")}), sts::CallerIdentity{}), "refused: not_mapped");
}

TEST(Table, CountsWhatIsInForce) {
    const Built built = build({roles({rule(admin, "x"), rule(admin, "y")}), account("1"), account("1"), account("2")});
    EXPECT_EQ(built.table->entries(), 3U);
}

TEST(Table, LeavesOutWhatIsNoPrincipal) {
    const Built built = build(
        {roles({rule("arn:aws:s3:::bucket", "x", 1), rule("Admin", "x", 2), rule("", "x", 3), rule(admin, "ok", 4)})}
    );
    ASSERT_EQ(built.warnings.size(), 3U);
    EXPECT_EQ(built.warnings[0].origin.line, 1);
    EXPECT_EQ(built.warnings[1].origin.line, 2);
    EXPECT_NE(built.warnings[2].message.find("has no ARN"), std::string::npos);
    EXPECT_EQ(username(built), "ok");
}

TEST(Table, FindsUnicodeLettersOnlyAsWritten) {
    // U+212A KELVIN SIGN folds to "k" in Unicode; folding is ASCII's here.
    const Built built = build({roles({rule("arn:aws:iam::123456789012:role/\xe2\x84\xaa", "x")})});
    EXPECT_EQ(username(built, caller("arn:aws:iam::123456789012:role/k")), "refused: not_mapped");
}

TEST(Table, FoldsTheCaseOfTheWholeArn) {
    EXPECT_EQ(username(build({roles({rule("ARN:AWS:IAM::123456789012:ROLE/ADMIN", "x")})})), "x");
}

TEST(Table, TakesTheLaterOfEqualEntriesAndNamesBoth) {
    const Built built = build({roles(
        {rule(admin, "one", 10),
         rule("arn:aws:sts::123456789012:assumed-role/ADMIN/s", "two", 20),
         rule(admin, "three", 30)}
    )});
    EXPECT_EQ(username(built), "three");
    ASSERT_EQ(built.warnings.size(), 4U);
    EXPECT_EQ(built.warnings[0].origin.line, 20);
    EXPECT_NE(built.warnings[0].message.find("map.yaml:10:3"), std::string::npos);
    EXPECT_EQ(built.warnings[1].origin.line, 10);
    EXPECT_NE(built.warnings[1].message.find("map.yaml:20:3"), std::string::npos);
    EXPECT_EQ(built.warnings[2].origin.line, 30);
    EXPECT_EQ(built.warnings[3].origin.line, 20);
}

TEST(Table, StripsRolePaths) {
    const Rule with_path = rule("arn:aws:iam::123456789012:role/team/a/Admin", "x");
    EXPECT_EQ(username(build({roles({with_path})})), "x");
    EXPECT_TRUE(build({roles({with_path})}).warnings.empty());

    TableOptions reference;
    reference.strip_role_paths = false;
    EXPECT_EQ(username(build({roles({with_path})}, reference)), "refused: not_mapped");
}

TEST(Table, StripsNoUserPaths) {
    const Built built = build({roles({rule("arn:aws:iam::123456789012:user/team/Alice", "x")})});
    EXPECT_EQ(username(built, caller("arn:aws:iam::123456789012:user/Alice")), "refused: not_mapped");
    EXPECT_EQ(username(built, caller("arn:aws:iam::123456789012:user/team/Alice")), "x");
}

TEST(Table, LeavesOutTheLaterOfTwoRolesThatBecomeOne) {
    const Rule a = rule("arn:aws:iam::123456789012:role/a/Admin", "a", 1);
    const Rule b = rule("arn:aws:iam::123456789012:role/b/Admin", "b", 2);
    const Rule plain = rule(admin, "plain", 3);
    for (const auto& [first, second] : {std::pair{a, b}, {b, a}, {a, plain}, {plain, a}}) {
        const Built built = build({roles({first, second})});
        EXPECT_EQ(username(built), first.username);
        ASSERT_EQ(built.warnings.size(), 2U);
        EXPECT_EQ(built.warnings[0].origin.line, second.origin.line);
        EXPECT_NE(built.warnings[0].message.find("is left out"), std::string::npos);
        EXPECT_EQ(built.warnings[1].origin.line, first.origin.line);
    }
    // The same ARN again is an ordinary repetition, whatever stands between.
    const Rule again = rule("arn:aws:iam::123456789012:role/A/Admin", "again", 4);
    const Built built = build({roles({a, b, again})});
    EXPECT_EQ(username(built), "again");
}

TEST(Table, KeepsRolesOfOtherAccountsApart) {
    const Built built = build({roles(
        {rule("arn:aws:iam::123456789012:role/a/Admin", "ours"),
         rule("arn:aws:iam::111122223333:role/b/Admin", "theirs")}
    )});
    EXPECT_TRUE(built.warnings.empty());
    EXPECT_EQ(username(built), "ours");
    EXPECT_EQ(username(built, caller("arn:aws:iam::111122223333:role/Admin")), "theirs");
    EXPECT_EQ(username(built, caller("arn:aws-cn:iam::123456789012:role/Admin")), "refused: not_mapped");
}

TEST(Table, AsksAccountsAfterAllEntries) {
    EXPECT_EQ(username(build({account("123456789012"), roles({rule(admin, "two")})})), "two");
    EXPECT_EQ(username(build({account("123456789012"), roles({})})), admin);
    EXPECT_EQ(username(build({account("12345678901"), roles({})})), "refused: not_mapped");
}

TEST(Table, AsksAccountsInTheChain) {
    TableOptions options;
    options.accounts = AccountOrder::in_chain;
    EXPECT_EQ(username(build({account("123456789012"), roles({rule(admin, "two")})}, options)), admin);
    EXPECT_EQ(username(build({roles({rule(admin, "two")}), account("123456789012")}, options)), "two");
    SourceRules one = roles({rule(admin, "entry")});
    one.accounts.emplace_back("123456789012");
    EXPECT_EQ(username(build({one}, options)), "entry");
}

TEST(Table, KeepsReservedNamesFromAccountsUnlessTheChainRules) {
    const std::vector<SourceRules> sources{account("123456789012", {"arn:"})};
    EXPECT_EQ(username(build(sources)), "refused: reserved_username");
    TableOptions options;
    options.accounts = AccountOrder::in_chain;
    EXPECT_EQ(username(build(sources, options)), admin);
    options.reserve_account_names = true;
    EXPECT_EQ(username(build(sources, options)), "refused: reserved_username");
    options.accounts = AccountOrder::after_all;
    options.reserve_account_names = false;
    EXPECT_EQ(username(build(sources, options)), admin);
}

TEST(Table, StopsAtAReservedName) {
    SourceRules first = roles({rule(admin, "system:masters")});
    first.reserved_prefixes.emplace_back("system:");
    const Built built = build({first, roles({rule(admin, "two")}), account("123456789012")});
    EXPECT_EQ(username(built), "refused: reserved_username");
    EXPECT_EQ(built.table->map(caller()).error().detail.find("system:"), std::string::npos);
}

TEST(Table, StopsAtAFailingTemplate) {
    const Built built =
        build({roles({rule(admin, "{{EC2PrivateDNSName}}")}), roles({rule(admin, "two")}), account("123456789012")});
    EXPECT_EQ(username(built), "refused: template_failed");
}

TEST(Table, RefusesUsernamesThatRenderToNothing) {
    sts::CallerIdentity user = caller();
    user.session_name.clear();
    EXPECT_EQ(username(build({roles({rule(admin, "{{SessionName}}")})}), user), "refused: empty_username");
    EXPECT_EQ(username(build({roles({rule(admin, "")}), account("123456789012")})), "refused: empty_username");
    user.canonical_arn.clear();
    EXPECT_EQ(username(build({account("123456789012")}), user), "refused: empty_username");
}

TEST(Table, WarnsOfEmptyAccounts) {
    const Built built = build({account("")});
    ASSERT_EQ(built.warnings.size(), 1U);
    EXPECT_EQ(built.warnings[0].origin.file, "DynamicFile");
    EXPECT_EQ(built.table->entries(), 0U);
}

TEST(Table, HoldsAHundredThousandRules) {
    constexpr std::size_t count = 100'000;
    SourceRules source = roles({});
    source.roles.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        Rule entry = rule("arn:aws:iam::123456789012:role/R" + std::to_string(i), "user:{{SessionName}}");
        entry.groups = {"system:viewers", "team-" + std::to_string(i % 10)};
        source.roles.push_back(std::move(entry));
    }
    const Built built = build({std::move(source)});
    EXPECT_TRUE(built.warnings.empty());
    EXPECT_EQ(built.table->entries(), count);
    const Result<KubernetesUser> last = built.table->map(caller("arn:aws:iam::123456789012:role/R99999"));
    ASSERT_TRUE(last.has_value());
    EXPECT_EQ(*last, (KubernetesUser{"user:alice-example.com", {"system:viewers", "team-9"}}));
    EXPECT_FALSE(built.table->map(caller("arn:aws:iam::123456789012:role/R100000")).has_value());
}

TEST(Table, RendersNodeNames) {
    FakeNodeNames names;
    names.names.emplace("i-01234567", "ip-10-0-0-2.ec2.internal");
    sts::CallerIdentity node = caller();
    node.session_name = "i-01234567";
    const Built built = build({roles({rule(admin, "system:node:{{EC2PrivateDNSName}}")})});
    const Result<KubernetesUser> user = built.table->map(node, &names);
    ASSERT_TRUE(user.has_value());
    EXPECT_EQ(user->username, "system:node:ip-10-0-0-2.ec2.internal");
    EXPECT_EQ(built.table->map(node).error().reason, Reason::template_failed);
}

TEST(Table, WarnsOfAnEntryThatAnEarlierSourceHides) {
    Rule pattern = rule({}, "first pattern", 3);
    pattern.arn_like = "arn:aws:iam::123456789012:role/dev-*";
    SourceRules first = roles({rule(admin, "first", 1), pattern});
    first.users.push_back(rule("arn:aws:iam::123456789012:user/Jane", "first user", 2));
    pattern.username = "second pattern";
    pattern.origin = {"configmap/aws-auth", 13, 1};
    Rule other = rule(text::to_lower(admin), "second", 11);
    other.origin.file = "configmap/aws-auth";
    SourceRules second = roles({other, pattern, rule("arn:aws:iam::123456789012:role/Own", "own", 14)});
    second.users.push_back(rule("arn:aws:iam::123456789012:user/jane", "second user", 12));

    const Built built = build({first, second});
    ASSERT_EQ(built.warnings.size(), 3U);
    for (const TableWarning& warning : built.warnings) {
        EXPECT_EQ(warning.kind, TableWarning::Kind::hidden);
    }
    EXPECT_EQ(built.warnings[0].origin.file, "configmap/aws-auth");
    EXPECT_EQ(built.warnings[0].origin.line, 11);
    EXPECT_EQ(
        built.warnings[0].message,
        "this entry is never used: an earlier source has one for the same ARN, at map.yaml:1:3"
    );
    EXPECT_EQ(built.warnings[1].origin.line, 12);
    EXPECT_NE(built.warnings[1].message.find("map.yaml:2:3"), std::string::npos);
    EXPECT_EQ(built.warnings[2].origin.line, 13);
    EXPECT_NE(built.warnings[2].message.find("the same roles, at map.yaml:3:3"), std::string::npos);
    EXPECT_EQ(built.table->entries(), 4U);
    EXPECT_EQ(username(built), "first");
    EXPECT_EQ(username(built, caller("arn:aws:iam::123456789012:role/dev-a")), "first pattern");
    EXPECT_TRUE(build({first}).warnings.empty());
    EXPECT_TRUE(build({second}).warnings.empty());
}

}  // namespace
}  // namespace arngate::mapping
