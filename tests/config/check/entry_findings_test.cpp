#include "config/check/entry_findings.hpp"
#include "tests/config/check/findings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::config::check {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::string_view role = "arn:aws:iam::123456789012:role/Dev";

mapping::Rule rule_of(std::string username, std::vector<std::string> groups = {}) {
    mapping::Rule rule;
    rule.arn = role;
    rule.username = std::move(username);
    rule.groups = std::move(groups);
    rule.origin = {"f", 3, 5};
    return rule;
}

std::vector<std::string> ids_of(mapping::Rule rule, EntryContext context = {}, mapping::SourceRules source = {}) {
    if (source.source.empty())
        source.source = "EKSConfigMap";
    source.roles.push_back(std::move(rule));
    std::vector<Finding> findings;
    find_in_entries(source, context, findings);
    for (const Finding& finding : findings)
        EXPECT_EQ(finding.at.line, 3);
    return rule_ids(findings);
}

TEST(EntryFindings, KnowWhatACallerMayChoose) {
    for (const std::string_view chosen : {
             "system:{{SessionName}}",
             "system:node:{{SessionNameRaw}}",
             "system:node:{{EC2PrivateDNSName}}{{SessionName}}",
             "{{SessionName}}:masters",
             "{{SessionNameRaw}}:masters",
             "sys{{SessionName}}:x",
             "sys{{SessionName}}{{SessionName}}tem:x",
             "{{SessionName}}{{EC2PrivateDNSName}}:x",
             "s{{SessionName}}m:",
             "{{EC2PrivateDNSName}}:{{SessionName}}",
         })
        EXPECT_TRUE(lets_caller_choose_system_name(chosen)) << chosen;
    for (const std::string_view safe : {
             "",
             "system:masters",
             "system:node:{{EC2PrivateDNSName}}",
             "system:{{AccountID}}",
             "{{SessionName}}",
             "{{SessionName}}{{SessionName}}",
             "dev:{{SessionName}}",
             "System:{{SessionName}}",
             "{{AccountID}}:{{SessionName}}",
             "{{AccessKeyID}}:{{SessionName}}",
             "{{SessionName}}-x:masters",
             "sysx{{SessionName}}:x",
             "system{{SessionName}}",
             "{{ SessionName }}:x",
         })
        EXPECT_FALSE(lets_caller_choose_system_name(safe)) << safe;
}

TEST(EntryFindings, NameUsernamesAndGroupsOfTheCallersChoice) {
    EXPECT_THAT(ids_of(rule_of("dev:{{SessionName}}", {"developers"})), IsEmpty());
    EXPECT_THAT(ids_of(rule_of("{{SessionName}}")), ElementsAre("caller-chosen-name"));
    EXPECT_THAT(ids_of(rule_of("{{SessionNameRaw}}")), ElementsAre("caller-chosen-name"));
    EXPECT_THAT(ids_of(rule_of("{{AccountID}}")), IsEmpty());
    EXPECT_THAT(ids_of(rule_of("system:{{SessionName}}")), ElementsAre("caller-chosen-system-name"));
    EXPECT_THAT(ids_of(rule_of("a", {"team-{{SessionName}}"})), ElementsAre("caller-chosen-group"));
    EXPECT_THAT(ids_of(rule_of("a", {"system:{{SessionName}}"})), ElementsAre("caller-chosen-system-name"));
    EXPECT_THAT(ids_of(rule_of("a", {"system:masters"})), ElementsAre("system-masters"));
}

TEST(EntryFindings, TakeNodesOfFargateForADoubtOnly) {
    mapping::SourceRules source;
    source.source = "EKSConfigMap";
    source.roles.push_back(
        rule_of("system:node:{{SessionName}}", {"system:bootstrappers", "system:nodes", "system:node-proxier"})
    );
    std::vector<Finding> findings;
    find_in_entries(source, {}, findings);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].rule, "caller-chosen-system-name");
    EXPECT_EQ(findings[0].severity, Severity::warning);
}

TEST(EntryFindings, AskWhatNodesNeed) {
    const std::string node = "system:node:{{EC2PrivateDNSName}}";
    EXPECT_THAT(ids_of(rule_of(node, {"system:bootstrappers", "system:nodes"})), IsEmpty());
    EXPECT_THAT(ids_of(rule_of(node, {"system:nodes"})), ElementsAre("node-groups"));
    EXPECT_THAT(ids_of(rule_of(node)), ElementsAre("node-groups", "node-groups"));
    EXPECT_THAT(ids_of(rule_of("node", {"system:bootstrappers", "system:nodes"})), ElementsAre("node-groups"));
}

TEST(EntryFindings, NameOddNames) {
    for (const std::string odd :
         {" a", "a ", "a b", "a\tb", "a\nb", "System:node", "SYSTEM:x", "system :x", " system:x"})
        EXPECT_THAT(ids_of(rule_of(odd)), ElementsAre("odd-name")) << odd;
    EXPECT_THAT(ids_of(rule_of("a", {"System:Masters"})), ElementsAre("odd-name"));
    EXPECT_THAT(ids_of(rule_of("a", {""})), ElementsAre("odd-name"));
    EXPECT_THAT(ids_of(rule_of("")), ElementsAre("no-username"));
    EXPECT_THAT(ids_of(rule_of("{{sessionname}}")), ElementsAre("unknown-template"));
    EXPECT_THAT(ids_of(rule_of("{{SessionName}}x{{Who}}")), ElementsAre("unknown-template"));
    EXPECT_THAT(ids_of(rule_of("a", {"{{.AccountID}}"})), ElementsAre("unknown-template"));
}

TEST(EntryFindings, SuggestTheTemplateThatWasMeant) {
    mapping::SourceRules source;
    source.roles.push_back(rule_of("x{{ sessionName }}"));
    std::vector<Finding> findings;
    find_in_entries(source, {}, findings);
    ASSERT_EQ(findings.size(), 2U);  // blanks are odd, too
    EXPECT_NE(findings[1].message.find("did you mean {{SessionName}}?"), std::string::npos) << findings[1].message;
}

TEST(EntryFindings, LookAtArns) {
    mapping::Rule rule = rule_of("a");
    EXPECT_THAT(ids_of(rule, {.partition = "aws-cn"}), ElementsAre("other-partition"));
    EXPECT_THAT(ids_of(rule, {.partition = "aws"}), IsEmpty());
    rule.arn = "arn:aws:iam::12345678901:role/Dev";
    EXPECT_THAT(ids_of(rule), ElementsAre("account-id"));
    rule.arn = "arn:aws:iam::1234567890123:role/Dev";
    EXPECT_THAT(ids_of(rule), ElementsAre("account-id"));
    rule.arn = "arn:aws:iam::123456789012:role/path/Dev";
    EXPECT_THAT(ids_of(rule), IsEmpty());
    EXPECT_THAT(ids_of(rule, {.partition = {}, .strip_role_paths = false}), ElementsAre("role-path"));
    rule.arn = "arn:aws:sts::123456789012:assumed-role/Dev/jane";
    EXPECT_THAT(ids_of(rule), ElementsAre("assumed-role-arn"));
}

TEST(EntryFindings, LookAtPatterns) {
    const auto ids_of_pattern = [](std::string pattern, std::vector<std::string> groups = {}) {
        mapping::Rule rule = rule_of("a", std::move(groups));
        rule.arn.clear();
        rule.arn_like = "arn:aws:iam::123456789012:role/" + std::move(pattern);
        return ids_of(rule, {.partition = "aws"});
    };
    EXPECT_THAT(ids_of_pattern("dev-*"), IsEmpty());
    EXPECT_THAT(ids_of_pattern("dev*"), ElementsAre("broad-pattern"));
    EXPECT_THAT(ids_of_pattern("AWSReservedSSO_*"), ElementsAre("broad-pattern"));
    EXPECT_THAT(ids_of_pattern("AWSReservedSSO_Admin*"), ElementsAre("broad-pattern"));
    EXPECT_THAT(ids_of_pattern("AWSReservedSSO_Admin_*"), IsEmpty());
    EXPECT_THAT(ids_of_pattern("dev-*", {"system:masters"}), UnorderedElementsAre("broad-pattern", "system-masters"));
}

TEST(EntryFindings, NameReservedUsernames) {
    mapping::SourceRules source;
    source.source = "EKSConfigMap";
    source.reserved_prefixes = {"system:", "admin"};
    EXPECT_THAT(ids_of(rule_of("admin-{{SessionName}}"), {}, source), ElementsAre("reserved-prefix"));
    EXPECT_THAT(ids_of(rule_of("adm"), {}, source), IsEmpty());
}

}  // namespace
}  // namespace arngate::config::check
