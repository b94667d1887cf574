// Sources whose entries are found by user id, or by the ARN as written.

#include "core/base/text.hpp"
#include "core/mapping/table.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::mapping {
namespace {

constexpr std::string_view admin = "arn:aws:iam::123456789012:role/Admin";
constexpr std::string_view id = "AROACKCEVSQ6C2EXAMPLE";

Rule rule(std::string_view arn, std::string_view user_id, std::string_view username, int line = 1) {
    Rule out;
    out.arn = arn;
    out.user_id = user_id;
    out.username = username;
    out.origin = {"map.json", line, 1};
    return out;
}

SourceRules by(MatchBy match, std::vector<Rule> roles, std::vector<Rule> users = {}) {
    SourceRules source;
    source.source = "DynamicFile";
    source.roles = std::move(roles);
    source.users = std::move(users);
    source.match = match;
    return source;
}

SourceRules by_id(std::vector<Rule> roles, std::vector<Rule> users = {}) {
    return by(MatchBy::user_id, std::move(roles), std::move(users));
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

std::string username(const Built& built, std::string_view arn = admin, std::string_view user_id = id) {
    sts::CallerIdentity identity;
    identity.canonical_arn = arn;
    identity.mapping_key = text::to_lower(arn);
    identity.account_id = "123456789012";
    identity.user_id = user_id;
    const Result<KubernetesUser> user = built.table->map(identity);
    return user ? user->username : "refused: " + std::string(label(user.error().reason));
}

TEST(TableUserIds, FindLetterByLetter) {
    const Built built = build({by_id({rule(admin, id, "x")})});
    EXPECT_EQ(built.table->entries(), 1U);
    EXPECT_EQ(username(built), "x");
    EXPECT_EQ(username(built, admin, text::to_lower(id)), "refused: not_mapped");
    EXPECT_EQ(username(built, admin, ""), "refused: not_mapped");
}

TEST(TableUserIds, WantTheArnThatTheEntryHas) {
    EXPECT_EQ(username(build({by_id({rule("", id, "x")})})), "x");
    EXPECT_EQ(username(build({by_id({rule("arn:aws:iam::123456789012:role/a/b/ADMIN", id, "x")})})), "x");
    for (const char* other :
         {"arn:aws:iam::123456789012:role/Other",
          "arn:aws:iam::111122223333:role/Admin",
          "arn:aws-cn:iam::123456789012:role/Admin",
          "nonsense",
          "arn:aws:sts::123456789012:assumed-role/Admin/session"}) {
        EXPECT_EQ(username(build({by_id({rule(other, id, "x")})})), "refused: id_mismatch") << other;
    }
    EXPECT_EQ(username(build({by_id({rule("nonsense", id, "x")})}), ""), "refused: id_mismatch");
}

TEST(TableUserIds, PutRolesBeforeUsers) {
    const Built built =
        build({by_id({rule("arn:aws:iam::123456789012:role/Other", id, "role", 1)}, {rule(admin, id, "user", 2)})});
    EXPECT_EQ(username(built), "refused: id_mismatch");
    ASSERT_EQ(built.warnings.size(), 2U);
    EXPECT_EQ(built.warnings[1].origin.line, 2);
}

TEST(TableUserIds, TakeTheLaterOfEqualIdsAndNameBoth) {
    const Built built = build({by_id({rule(admin, id, "one", 1), rule(admin, id, "two", 2)})});
    EXPECT_EQ(username(built), "two");
    ASSERT_EQ(built.warnings.size(), 2U);
    EXPECT_EQ(built.warnings[0].origin.line, 2);
    EXPECT_EQ(built.warnings[1].origin.line, 1);
    EXPECT_EQ(built.table->entries(), 1U);
}

TEST(TableUserIds, LeaveOutEntriesWithoutOne) {
    const Built built = build({by_id({rule(admin, "", "x", 9)})});
    ASSERT_EQ(built.warnings.size(), 1U);
    EXPECT_EQ(built.warnings[0].origin.line, 9);
    EXPECT_EQ(username(built, admin, ""), "refused: not_mapped");
}

TEST(TableUserIds, KeepTheOrderOfSources) {
    const SourceRules arns = by(MatchBy::canonical_arn, {rule(admin, "", "by arn")});
    const SourceRules ids = by_id({rule("", id, "by id")});
    const SourceRules wrong = by_id({rule("arn:aws:iam::123456789012:role/Other", id, "wrong")});
    EXPECT_EQ(username(build({arns, ids})), "by arn");
    EXPECT_EQ(username(build({ids, arns})), "by id");
    EXPECT_EQ(username(build({wrong, arns})), "by arn");
    EXPECT_EQ(username(build({wrong, ids})), "by id");
}

TEST(TableUserIds, DoNotMakeTemplateFailuresAMismatch) {
    const SourceRules wrong = by_id({rule("arn:aws:iam::123456789012:role/Other", id, "wrong")});
    const SourceRules node = by(MatchBy::canonical_arn, {rule(admin, "", "{{EC2PrivateDNSName}}")});
    EXPECT_EQ(username(build({wrong, node})), "refused: template_failed");
}

TEST(TableWrittenArns, MatchNobodyByAnAssumedRole) {
    const std::string assumed = "arn:aws:sts::123456789012:assumed-role/Admin/session";
    const Built built = build({by(MatchBy::written_arn, {rule(assumed, "", "x", 3)})});
    EXPECT_EQ(username(built), "refused: not_mapped");
    ASSERT_EQ(built.warnings.size(), 1U);
    EXPECT_EQ(built.warnings[0].origin.line, 3);
    EXPECT_EQ(username(build({by(MatchBy::canonical_arn, {rule(assumed, "", "x")})})), "x");
    EXPECT_EQ(
        username(build({by(MatchBy::written_arn, {rule("ARN:aws:iam::123456789012:role/ADMIN", "", "x")})})), "x"
    );
}

TEST(TableDuplicates, NameAUserThatARoleEntryHides) {
    const Built built = build({by(MatchBy::canonical_arn, {rule(admin, "", "role", 1)}, {rule(admin, "", "user", 2)})});
    EXPECT_EQ(username(built), "role");
    ASSERT_EQ(built.warnings.size(), 2U);
    EXPECT_EQ(built.warnings[1].origin.line, 2);
    EXPECT_NE(built.warnings[1].message.find("map.json:1:1"), std::string::npos);
}

}  // namespace
}  // namespace arngate::mapping
