#include "tests/support/fake_sts/key_table.hpp"

#include <gtest/gtest.h>

#include <string>

namespace arngate::fake_sts {
namespace {

TEST(KeyTable, ReadsKeys) {
    const auto keys =
        parse_keys(R"({"keys":[{"access_key_id":"A","secret_access_key":"S","session_token":"T","expires_at":5,)"
                   R"("account":"1","arn":"R","user_id":"U"},)"
                   R"({"access_key_id":"B","secret_access_key":"S","account":"1","arn":"R","user_id":"U"}]})");
    ASSERT_TRUE(keys) << keys.error();
    ASSERT_EQ(keys->size(), 2U);
    EXPECT_EQ(keys->front().session_token, "T");
    EXPECT_EQ(keys->front().expires_at, 5);
    EXPECT_EQ(keys->back().session_token, "");
    EXPECT_FALSE(keys->back().expires_at);
}

TEST(KeyTable, ReadsWhatAKeyGetsInsteadOfAnIdentity) {
    const auto keys = parse_keys(
        R"({"keys":[{"access_key_id":"A","secret_access_key":"S","account":"1","arn":"R","user_id":"U",)"
        R"("answer":{"status":503,"content_type":"text/html","body":"down"}},)"
        R"({"access_key_id":"B","secret_access_key":"S","account":"1","arn":"R","user_id":"U","fault":"reset_mid"}]})"
    );
    ASSERT_TRUE(keys) << keys.error();
    ASSERT_TRUE(keys->front().answer);
    EXPECT_EQ(keys->front().answer->status, 503);
    EXPECT_EQ(keys->front().answer->content_type, "text/html");
    EXPECT_EQ(keys->front().answer->body, "down");
    EXPECT_FALSE(keys->front().fault);
    EXPECT_FALSE(keys->back().answer);
    EXPECT_EQ(keys->back().fault, FaultKind::reset_mid);
}

TEST(KeyTable, RefusesAnswersAndFaultsThatThereAreNot) {
    const char* const cases[] = {
        R"("answer":5)",
        R"("answer":{"status":199})",
        R"("answer":{"status":600})",
        R"("answer":{"status":"200"})",
        R"("answer":{"headers":{}})",
        R"("fault":"flood")",
        R"("fault":1)",
    };
    for (const std::string member : cases) {
        const std::string key =
            R"({"access_key_id":"A","secret_access_key":"S","account":"1","arn":"R","user_id":"U",)" + member + "}";
        EXPECT_FALSE(parse_keys(R"({"keys":[)" + key + "]}")) << member;
    }
}

TEST(KeyTable, RefusesWhatIsNotAKey) {
    const char* const cases[] = {
        "",
        "[]",
        "{}",
        R"({"keys":{}})",
        R"({"keys":["A"]})",
        R"({"keys":[{"access_key_id":"A","secret_access_key":"S","account":"1","arn":"R"}]})",
        R"({"keys":[{"access_key_id":"","secret_access_key":"S","account":"1","arn":"R","user_id":"U"}]})",
        R"({"keys":[{"access_key_id":1,"secret_access_key":"S","account":"1","arn":"R","user_id":"U"}]})",
        R"({"keys":[{"access_key_id":"A","secret":"S","account":"1","arn":"R","user_id":"U"}]})",
        R"({"keys":[{"access_key_id":"A","secret_access_key":"S","expires_at":"x","account":"1","arn":"R","user_id":"U"}]})",
        R"({"keys":[]} x)",
    };
    for (const char* const json : cases) {
        EXPECT_FALSE(parse_keys(json)) << json;
    }
}

TEST(KeyTable, ReplacesAKeyOfTheSameId) {
    KeyTable table;
    Key key{
        .access_key_id = "A",
        .secret_access_key = "old",
        .session_token = {},
        .expires_at = {},
        .account = "1",
        .arn = "R",
        .user_id = "U"
    };
    table.add({key});
    const auto before = table.find("A");
    key.secret_access_key = "new";
    table.add({key});
    ASSERT_NE(before, nullptr);
    EXPECT_EQ(before->secret_access_key, "old");
    EXPECT_EQ(table.find("A")->secret_access_key, "new");
    EXPECT_EQ(table.size(), 1U);
    EXPECT_EQ(table.find("a"), nullptr);
}

}  // namespace
}  // namespace arngate::fake_sts
