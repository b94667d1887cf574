#include "config/aws_auth.hpp"

#include "config/json_document.hpp"
#include "config/yaml_document.hpp"
#include "config/yaml_writer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace arngate::config {
namespace {

using Kind = AwsAuthEntry::Kind;
using Why = AwsAuthRefusal::Why;

AwsAuthEntry role(const std::string& arn) {
    return {Kind::role, arn, std::nullopt, "{{SessionName}}", {"system:masters", "yes"}};
}
constexpr const char* arn = "arn:aws:iam::012345678901:role/New";
constexpr const char* added =
    "- rolearn: arn:aws:iam::012345678901:role/New\n  username: '{{SessionName}}'\n  groups:\n  - system:masters\n"
    "  - \"yes\"\n";

Node object(const std::string& key, const std::string& text) {
    Node root =
        *read_json(R"({"kind":"ConfigMap","metadata":{"resourceVersion":"7","x":null,"n":1},"data":{"other":"kept"}})");
    root.members.back().value.members.push_back({key, {}, text_node(text)});
    return root;
}
std::string part(const Node& root, std::string_view key) {
    const Member* member = root.find("data")->value.find(key);
    return member == nullptr ? "nothing" : member->value.text;
}

TEST(AwsAuth, AppendsAndLeavesTheRestAsItWas) {
    const std::string text =
        "# people\n- ROLEARN: arn:aws:iam::1:role/Old # one\n  username: old\n  groups: [a]\n  unknown: {x: 1}\n";
    Node root = object("mapRoles", text);
    const auto result = add_entry(root, role(arn));
    ASSERT_TRUE(result) << result.error().text;
    EXPECT_EQ(part(root, "mapRoles"), text + added);
    EXPECT_EQ(part(root, "other"), "kept");
    EXPECT_EQ(
        write_json(root).substr(0, 78),
        R"({"kind":"ConfigMap","metadata":{"resourceVersion":"7","x":null,"n":1},"data":{)"
    );
}

TEST(AwsAuth, AppendsAtTheListsOwnIndent) {
    Node root = object("mapRoles", "  - rolearn: a\n    username: b");
    ASSERT_TRUE(add_entry(root, role(arn)));
    EXPECT_TRUE(part(root, "mapRoles").starts_with("  - rolearn: a\n    username: b\n  - rolearn: arn:"));
}

TEST(AwsAuth, StartsAListWhereThereIsNone) {
    for (const char* text : {"", " \n", "''", "\"\"", "``", "[]", "null"}) {
        Node root = object("mapRoles", text);
        const auto result = add_entry(root, role(arn));
        if (std::string_view(text) == "null") {
            continue;  // a list may be made of it or it may be refused, but nothing else happens
        }
        ASSERT_TRUE(result) << text << result.error().text;
        EXPECT_EQ(part(root, "mapRoles"), added) << text;
    }
    Node root = *read_json("{}");
    ASSERT_TRUE(add_entry(root, role(arn)));
    EXPECT_EQ(part(root, "mapRoles"), added);
}

TEST(AwsAuth, WritesAListInOneLineAnew) {
    Node root = object("mapRoles", R"([{"rolearn":"a","username":"b","groups":[],"more":1}])");
    ASSERT_TRUE(add_entry(root, role(arn)));
    EXPECT_EQ(part(root, "mapRoles"), "- rolearn: a\n  username: b\n  groups: []\n  more: 1\n" + std::string(added));
}

TEST(AwsAuth, RefusesDuplicates) {
    for (const char* text :
         {"- rolearn: ARN:aws:iam::012345678901:role/NEW\n", "- {roleARN: 'arn:aws:iam::012345678901:role/New'}"}) {
        Node root = object("mapRoles", text);
        const auto result = add_entry(root, role(arn));
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().why, Why::duplicate);
        EXPECT_EQ(result.error().text, "cannot add duplicate role ARN \"arn:aws:iam::012345678901:role/new\"");
        EXPECT_EQ(part(root, "mapRoles"), text);
    }
    // Users are told apart with letter case.
    Node users = object("mapUsers", "- userarn: arn:aws:iam::1:user/A\n");
    EXPECT_TRUE(add_entry(users, {Kind::user, "arn:aws:iam::1:user/a", std::nullopt, "u", {"g"}}));
    EXPECT_FALSE(add_entry(users, {Kind::user, "arn:aws:iam::1:user/A", std::nullopt, "u", {"g"}}));
}

TEST(AwsAuth, AddsAPermissionSet) {
    const AwsAuthEntry entry{Kind::role, {}, mapping::SsoRole{"Admin", "012345678901", "aws-cn"}, "u", {"g"}};
    Node root = object("mapRoles", "");
    ASSERT_TRUE(add_entry(root, entry));
    EXPECT_EQ(
        part(root, "mapRoles"),
        "- sso:\n    permissionSetName: Admin\n    accountID: \"012345678901\"\n    partition: aws-cn\n  username: u\n"
        "  groups:\n  - g\n"
    );
    const auto again = add_entry(root, entry);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().why, Why::duplicate);
    EXPECT_EQ(sso_fault({"", "012345678901", "aws"}), "PermissionSetName '' is not a valid AWS SSO PermissionSet Name");
    EXPECT_EQ(sso_fault({"a", "1", "aws"}), "AccountID '1' is not a valid AWS Account ID");
    EXPECT_EQ(sso_fault({"a", "012345678901", "moon"}), "partition 'moon' is not a valid AWS partition");
    EXPECT_NE(sso_fault({std::string(33, 'a'), "012345678901", "aws"}), "");
    EXPECT_EQ(sso_fault({std::string(32, 'a'), "012345678901", ""}), "");
}

TEST(AwsAuth, RefusesWhatItDoesNotUnderstand) {
    for (const char* key : {"mapRoles", "mapUsers", "mapAccounts"}) {
        for (const char* text : {"a: b", "- [", "- {{X}}", "\t- a", "text"}) {
            Node root = object(key, text);
            const auto result = add_entry(root, role(arn));
            ASSERT_FALSE(result) << key << text;
            EXPECT_EQ(result.error().why, Why::not_understood);
            EXPECT_TRUE(result.error().text.starts_with("failed to parse configmap: ")) << result.error().text;
            EXPECT_EQ(part(root, key), text);
        }
    }
    for (const char* text :
         {"- a",
          "- {}",
          "- {rolearn: a, sso: {}}",
          "- {rolearn: 1}",
          "- {rolearn: a, groups: a}",
          "- {rolearn: a, groups: [1]}",
          "- {rolearn: a, username: 1}",
          "- {sso: {accountID: 1}}"}) {
        Node root = object("mapRoles", text);
        EXPECT_FALSE(add_entry(root, role(arn))) << text;
    }
    Node data = *read_json(R"({"data":{"mapRoles":[]}})");
    EXPECT_FALSE(add_entry(data, role(arn)));
    Node list = *read_json("[]");
    EXPECT_FALSE(add_entry(list, role(arn)));
}

TEST(YamlWriter, QuotesWhatWouldBeReadAsSomethingElse) {
    for (const char* text :
         {"yes",
          "No",
          "ON",
          "y",
          "~",
          "null",
          "012345678901",
          "0x1F",
          "1:30",
          "1e3",
          ".5",
          "-1",
          "2001-01-01",
          "<<",
          "=",
          ".inf",
          "1_000",
          "True"}) {
        EXPECT_TRUE(is_misread_when_plain(text)) << text;
    }
    for (const char* text : {"admin", "system:masters", "arn:aws:iam::1:role/x", "yesterday", "v1", "a1"}) {
        EXPECT_FALSE(is_misread_when_plain(text)) << text;
    }
}

TEST(YamlWriter, WritesTextsThatReadBack) {
    for (const std::string& text : std::vector<std::string>{"",
                                                            " a",
                                                            "a ",
                                                            "a: b",
                                                            "a #b",
                                                            "#a",
                                                            "- a",
                                                            "-",
                                                            "a:",
                                                            "{{X}}",
                                                            "[a]",
                                                            "'",
                                                            "\"",
                                                            "it's",
                                                            "a\nb",
                                                            "a\n",
                                                            "a\n\n",
                                                            "\na",
                                                            "  a\nb\n",
                                                            "a \nb",
                                                            "\t",
                                                            "\x01",
                                                            "\x7f",
                                                            "\xc2\x85",
                                                            "\xe2\x80\xa8",
                                                            "\xef\xbb\xbf",
                                                            "\xc3\xa4",
                                                            "---",
                                                            "...",
                                                            "? a",
                                                            "%a",
                                                            "@a",
                                                            "`a",
                                                            "!a",
                                                            "&a",
                                                            "*a",
                                                            "|",
                                                            ">",
                                                            "\n",
                                                            "a\r\nb"}) {
        Node root;
        root.kind = Node::Kind::map;
        root.members.push_back({"k", {}, text_node(text)});
        const std::string written = write_yaml(root, KeyOrder::sorted);
        const auto back = read_yaml(written);
        ASSERT_TRUE(back) << written;
        ASSERT_NE(back->find("k"), nullptr) << written;
        EXPECT_EQ(back->find("k")->value.text, text) << written;
    }
}

TEST(YamlWriter, LaysOutAsKubectlDoes) {
    const Node root =
        *read_json(R"({"metadata":{"name":"aws-auth","f:x":{".":{}}},"data":{"mapRoles":"- a\n","b":["x",{"c":1}]}})");
    EXPECT_EQ(
        write_yaml(root, KeyOrder::sorted),
        "data:\n  b:\n  - x\n  - c: 1\n  mapRoles: |\n    - a\nmetadata:\n  f:x:\n    .: {}\n  name: aws-auth\n"
    );
}

TEST(JsonDocument, RefusesWhatIsNotJsonOrTooDeep) {
    for (const std::string& text : {std::string(), std::string("{"), std::string("{'a':1}"), std::string("nul")}) {
        EXPECT_FALSE(read_json(text)) << text;
    }
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(read_json(nested(max_document_depth + 1)));
    EXPECT_FALSE(read_json(nested(max_document_depth + 2)));
}

}  // namespace
}  // namespace arngate::config
