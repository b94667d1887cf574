#include "config/sources/dynamic_file_document.hpp"

#include "config/document.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace arngate::config {
namespace {

std::string refusal(std::string_view text, DynamicFileKey key = DynamicFileKey::arn) {
    const auto document = read_dynamic_file("d.json", text, key);
    std::string out;
    if (!document) {
        for (const Problem& problem : document.error()) {
            out += problem.text() + "\n";
        }
    }
    return out;
}

TEST(DynamicFileDocument, IsRead) {
    const auto document = read_dynamic_file(
        "d.json",
        R"({
  "Version": "v7", "lastupdateddatetime": "1700000000", "ClusterId": 5,
  "mapRoles": [
    {"rolearn": "arn:aws:iam::123456789012:role/A", "username": "a", "groups": ["g", "h"], "userid": "AROA1"},
      {"RoleARN": "arn:aws:iam::123456789012:role/B", "USERNAME": "b", "groups": null, "other": [1, {"x": 2}]}],
  "mapUsers": [ ], "mapAccounts": ["012345678901"]
})",
        DynamicFileKey::arn
    );
    ASSERT_TRUE(document.has_value());
    EXPECT_EQ(document->version, "v7");
    EXPECT_EQ(document->last_updated, "1700000000");
    const mapping::SourceRules& rules = document->rules;
    EXPECT_EQ(rules.source, "DynamicFile");
    EXPECT_EQ(rules.match, mapping::MatchBy::canonical_arn);
    ASSERT_EQ(rules.roles.size(), 2U);
    EXPECT_EQ(rules.roles[0].groups, (std::vector<std::string>{"g", "h"}));
    EXPECT_EQ(rules.roles[0].user_id, "AROA1");
    EXPECT_EQ(rules.roles[0].origin.file, "d.json");
    EXPECT_EQ(rules.roles[0].origin.line, 4);
    EXPECT_EQ(rules.roles[0].origin.column, 5);
    EXPECT_EQ(rules.roles[1].username, "b");
    EXPECT_EQ(rules.roles[1].origin.line, 5);
    EXPECT_EQ(rules.roles[1].origin.column, 7);
    EXPECT_TRUE(rules.users.empty());
    EXPECT_EQ(rules.accounts, (std::vector<std::string>{"012345678901"}));

    const auto strict = read_dynamic_file("d.json", "{}", DynamicFileKey::user_id);
    ASSERT_TRUE(strict.has_value());
    EXPECT_EQ(strict->rules.match, mapping::MatchBy::user_id);
}

TEST(DynamicFileDocument, MayBeEmpty) {
    for (const char* text : {"{}", "null", " {} \n", "{\"mapRoles\": null, \"mapUsers\": [], \"mapAccounts\": null}"}) {
        EXPECT_EQ(refusal(text), "") << text;
    }
}

TEST(DynamicFileDocument, IsRefusedWhenItIsNoJson) {
    for (const char* text :
         {"",
          " ",
          "[",
          "{",
          "{}{}",
          "{} x",
          "mapRoles: []",
          "{\"a\": 1,}",
          "{'a': 1}",
          "{\"a\": 01}",
          "{\"a\": \"\xff\"}",
          "{\"a\": \"\n\"}",
          "\xef\xbb\xbf{]",
          "// x\n{}",
          "{\"a\": nul}"}) {
        EXPECT_NE(refusal(text).find("text that is not one JSON value"), std::string::npos) << text;
    }
    EXPECT_EQ(refusal("[]"), "d.json: found a list, expected one JSON object.\n");
    EXPECT_EQ(refusal("5"), "d.json: found a number, expected one JSON object.\n");
    EXPECT_EQ(refusal("\"x\""), "d.json: found text, expected one JSON object.\n");
}

TEST(DynamicFileDocument, IsRefusedWithEveryWrongTypeNamed) {
    EXPECT_EQ(
        refusal(R"({"Version": 1, "LastUpdatedDateTime": 1700000000, "mapUsers": {}, "mapAccounts": ["1", 2],
"mapRoles": [
{"rolearn": "r", "username": 5},
{"rolearn": "r", "groups": "g"},
{"rolearn": "r", "groups": ["g", null]},
{"rolearn": ["r"]},
7, null,
{"rolearn": "r", "userid": true, "sso": []}]})"),
        "d.json: Version: found a number, expected text.\n"
        "d.json: LastUpdatedDateTime: found a number, expected text.\n"
        "d.json: mapUsers: found an object, expected a list.\n"
        "d.json:1:88: mapAccounts[1]: found a number, expected text.\n"
        "d.json:3:1: mapRoles[0].username: found a number, expected text.\n"
        "d.json:4:1: mapRoles[1].groups: found text, expected a list.\n"
        "d.json:5:1: mapRoles[2].groups[1]: found null, expected text.\n"
        "d.json:6:1: mapRoles[3].rolearn: found a list, expected text.\n"
        "d.json:6:1: mapRoles[3]: found no rolearn, expected text under rolearn.\n"
        "d.json:7:1: mapRoles[4]: found a number, expected an object.\n"
        "d.json:7:4: mapRoles[5]: found null, expected an object.\n"
        "d.json:8:1: mapRoles[6].userid: found true or false, expected text.\n"
        "d.json:8:1: mapRoles[6].sso: found a list, expected an object.\n"
    );
}

TEST(DynamicFileDocument, IsRefusedWhenAKeyIsThereTwice) {
    EXPECT_EQ(
        refusal(R"({"mapRoles": [], "MAPROLES": null})"),
        "d.json: mapRoles: found the key twice, expected each key once, in any letter case.\n"
    );
    EXPECT_EQ(
        refusal(R"({"mapRoles": [{"rolearn": "a", "username": "x", "UserName": "y"}]})"),
        "d.json:1:15: mapRoles[0].username: found the key twice, expected each key once, in any letter case.\n"
    );
    EXPECT_EQ(refusal(R"({"other": 1, "other": 2})"), "");
}

TEST(DynamicFileDocument, IsRefusedWithoutTheKeyThatEntriesAreFoundBy) {
    EXPECT_EQ(
        refusal(R"({"mapUsers": [{"rolearn": "r", "userid": "i"}]})"),
        "d.json:1:15: mapUsers[0]: found no userarn, expected text under userarn.\n"
    );
    EXPECT_EQ(
        refusal(R"({"mapUsers": [{"userarn": "r", "userid": ""}]})", DynamicFileKey::user_id),
        "d.json:1:15: mapUsers[0]: found no userid, expected text under userid.\n"
    );
    EXPECT_EQ(refusal(R"({"mapRoles": [{"userid": "i"}]})", DynamicFileKey::user_id), "");
}

TEST(DynamicFileDocument, IsBounded) {
    const auto nested = [](std::size_t levels) {
        return R"({"x": )" + std::string(levels, '[') + std::string(levels, ']') + "}";
    };
    EXPECT_EQ(refusal(nested(max_document_depth - 2)), "");
    EXPECT_NE(refusal(nested(max_document_depth + 1)), "");
    std::string large = "{}";
    large.append(max_document_bytes - large.size(), ' ');
    EXPECT_EQ(refusal(large), "");
    large += ' ';
    EXPECT_EQ(refusal(large), "d.json: found more than 64 MiB, expected a file of 64 MiB at most.\n");
}

TEST(DynamicFileDocument, NeverRepeatsWhatStandsInIt) {
    for (const char* text :
         {R"({"mapRoles": ["MARK"]})",
          R"({"mapRoles": "MARK"})",
          "MARK",
          R"({"MARK": MARK})",
          R"({"mapRoles": [{"userid": "MARK"}]})"}) {
        EXPECT_EQ(refusal(text).find("MARK"), std::string::npos);
        EXPECT_NE(refusal(text), "");
    }
}

}  // namespace
}  // namespace arngate::config
