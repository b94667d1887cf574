#include "config/sources/config_map_document.hpp"
#include "tests/vectors/vector_file.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::config {
namespace {

using simdjson::dom::element;
using vectors::need_text;
using vectors::text_at;
using vectors::VectorFile;

std::vector<std::string> texts_of(element list) {
    std::vector<std::string> texts;
    for (const std::string_view text : simdjson::dom::array(list)) {
        texts.emplace_back(text);
    }
    return texts;
}

void expect_rules(const std::vector<mapping::Rule>& rules, element expected) {
    const simdjson::dom::array list(expected);
    ASSERT_EQ(rules.size(), list.size());
    std::size_t i = 0;
    for (const element each : list) {
        const mapping::Rule& rule = rules[i++];
        EXPECT_EQ(rule.arn, need_text(each, "arn"));
        EXPECT_EQ(rule.username, need_text(each, "username"));
        EXPECT_EQ(rule.groups, texts_of(each["groups"]));
        EXPECT_EQ(rule.user_id, text_at(each, "userid").value_or(""));
        element sso;
        ASSERT_EQ(rule.sso.size(), each["sso"].get(sso) == simdjson::SUCCESS ? 1U : 0U);
        if (!rule.sso.empty()) {
            EXPECT_EQ(rule.sso.front().permission_set_name, need_text(sso, "permissionSetName"));
            EXPECT_EQ(rule.sso.front().account_id, need_text(sso, "accountID"));
            EXPECT_EQ(rule.sso.front().partition, text_at(sso, "partition").value_or("aws"));
        }
    }
}

TEST(ConfigMapVectors, ReadTheDataAsTheVectorsSay) {
    const VectorFile file("configmap-parse.json");
    for (const element each : file.cases()) {
        SCOPED_TRACE(need_text(each, "id"));
        ConfigMapData data;
        for (const auto& [key, value] : simdjson::dom::object(each["data"])) {
            data.emplace(key, std::string_view(value));
        }
        const ConfigMapDocument document = read_config_map(data);
        const element expect = each["expect"];
        expect_rules(document.rules.roles, expect["roles"]);
        expect_rules(document.rules.users, expect["users"]);
        EXPECT_EQ(document.rules.accounts, texts_of(expect["accounts"]));
        EXPECT_EQ(!document.problems.empty(), bool(expect["errors"]));
    }
}

/// The data of the Go server's own sample files, whose names the vectors list. Not here: aws-auth-missing-bar.yaml,
/// which an API server refuses, so that it never becomes data.
std::map<std::string, ConfigMapData> fixtures() {
    const std::string users =
        "- userarn: arn:aws:iam::555555555555:user/admin\n  username: admin\n  groups:\n    - system:masters\n";
    const std::string accounts = "- 555555555555\n";
    const auto roles = [](const std::string& arn, const std::string& username, const std::string& groups) {
        return "- " + arn + ": arn:aws:iam::555555555555:role/Node\n  " + username +
               ": system:node:{{EC2PrivateDNSName}}\n  " + groups +
               ":\n    - system:bootstrappers\n    - system:nodes\n";
    };
    const std::string reference = roles("rolearn", "username", "groups");
    return {
        {"aws-auth.yaml", {{"mapRoles", reference}, {"mapUsers", users}, {"mapAccounts", accounts}}},
        {"aws-auth-crazy-case-keys.yaml",
         {{"mapRoles", roles("rOlEaRn", "UsErNaMe", "gRoUpS")},
          {"mapUsers",
           "- uSeRaRn: arn:aws:iam::555555555555:user/admin\n  uSerNamE: admin\n  gROups:\n    - system:masters\n"},
          {"mapAccounts", accounts}}},
        {"aws-auth-open-source-case-keys.yaml",
         {{"mapRoles", roles("roleARN", "username", "groups")},
          {"mapUsers",
           "- userARN: arn:aws:iam::555555555555:user/admin\n  username: admin\n  groups:\n    - system:masters\n"},
          {"mapAccounts", accounts}}},
        {"aws-auth-lower-case-top-keys.yaml", {{"maproles", reference}, {"mapusers", users}, {"mapaccounts", accounts}}
        },
        {"aws-auth-crazy-case-top-keys.yaml", {{"mApRoLeS", reference}, {"MaPUsErS", users}, {"maPaCcOuTs", accounts}}},
        {"aws-auth-space-out-of-place.yaml",
         {{"mapRoles",
           "- rolearn: arn:aws:iam::555555555555:role/Node\n  username: system:node:{{EC2PrivateDNSName}}\n"
           "  groups:\n    - system:bootstrappers\n     - system:nodes\n"},
          {"mapUsers", users},
          {"mapAccounts", accounts}}},
    };
}

TEST(ConfigMapVectors, ReadTheGoServersOwnSamples) {
    const VectorFile file("configmap-parse.json");
    auto left = fixtures();
    for (const element each : simdjson::dom::array(file.root()["peer_fixtures"])) {
        const std::string name = need_text(each, "file");
        const std::string result = need_text(each, "result");
        SCOPED_TRACE(name);
        const auto found = left.find(name);
        if (found == left.end()) {
            EXPECT_NE(result.find("object refused by the API"), std::string::npos);
            continue;
        }
        const ConfigMapDocument document = read_config_map(found->second);
        EXPECT_TRUE(document.problems.empty());
        if (result == "nothing loaded, no error") {
            EXPECT_TRUE(
                document.rules.roles.empty() && document.rules.users.empty() && document.rules.accounts.empty()
            );
        } else {
            ASSERT_EQ(document.rules.roles.size(), 1U);
            const mapping::Rule& role = document.rules.roles.front();
            EXPECT_EQ(role.username, "system:node:{{EC2PrivateDNSName}}");
            if (result.starts_with("one group")) {
                EXPECT_EQ(role.groups, (std::vector<std::string>{"system:bootstrappers - system:nodes"}));
            } else {
                EXPECT_TRUE(result == "1 role, 1 user, 1 account" || result == "same as reference");
                EXPECT_EQ(role.groups, (std::vector<std::string>{"system:bootstrappers", "system:nodes"}));
            }
            ASSERT_EQ(document.rules.users.size(), 1U);
            EXPECT_EQ(document.rules.users.front().username, "admin");
            EXPECT_EQ(document.rules.accounts, (std::vector<std::string>{"555555555555"}));
        }
        left.erase(found);
    }
    EXPECT_TRUE(left.empty());
}

}  // namespace
}  // namespace arngate::config
