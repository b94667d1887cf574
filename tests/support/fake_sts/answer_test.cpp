#include "tests/support/fake_sts/answer.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <string_view>

namespace arngate::fake_sts {
namespace {

const Key key{
    .access_key_id = "A",
    .secret_access_key = "S",
    .session_token = {},
    .expires_at = {},
    .account = "123456789012",
    .arn = "arn:aws:iam::123456789012:user/\"<Alice>&\\",
    .user_id = "AIDA"
};

TEST(Answer, TakesTheFormatFromTheAcceptHeader) {
    Request request{.method = "GET", .target = "/", .headers = {}};
    EXPECT_EQ(format_for(request), Format::xml);
    request.headers.emplace_back("Accept", "application/xml");
    EXPECT_EQ(format_for(request), Format::xml);
    request.headers.emplace_back("ACCEPT", "application/json");
    EXPECT_EQ(format_for(request), Format::json);
}

TEST(Answer, WritesTheIdentityAsJson) {
    const std::string body = identity_body(key, Format::json, "id-1");
    simdjson::dom::parser parser;
    const simdjson::dom::element document = parser.parse(body);
    const auto result = document["GetCallerIdentityResponse"]["GetCallerIdentityResult"];
    EXPECT_EQ(std::string_view(result["Arn"]), key.arn);
    EXPECT_EQ(std::string_view(result["Account"]), key.account);
    EXPECT_EQ(std::string_view(result["UserId"]), key.user_id);
    EXPECT_EQ(std::string_view(document["GetCallerIdentityResponse"]["ResponseMetadata"]["RequestId"]), "id-1");
}

TEST(Answer, EscapesXml) {
    const std::string body = identity_body(key, Format::xml, "id-1");
    EXPECT_NE(body.find("<Arn>arn:aws:iam::123456789012:user/&quot;&lt;Alice&gt;&amp;\\</Arn>"), std::string::npos);
}

TEST(Answer, WritesErrorsAsStsDoes) {
    EXPECT_EQ(
        error_body(throttling(), Format::json, "id-1"),
        R"({"Error":{"Code":"Throttling","Message":"Rate exceeded","Type":"Sender"},"RequestId":"id-1"})"
    );
    const std::string xml = error_body(internal_failure(), Format::xml, "id-1");
    EXPECT_NE(xml.find("<Type>Receiver</Type>"), std::string::npos);
    EXPECT_NE(xml.find("<Code>InternalFailure</Code>"), std::string::npos);
    EXPECT_EQ(throttling().status, 400);
    EXPECT_EQ(service_unavailable().status, 503);
}

TEST(Answer, WritesAWholeHttpAnswer) {
    const std::string answer = http_answer(301, "text/xml", "abc", "id-1", "Location: https://localhost/\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 301 Moved Permanently\r\nx-amzn-RequestId: id-1\r\n"));
    EXPECT_NE(answer.find("\r\nContent-Length: 3\r\n"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("\r\nLocation: https://localhost/\r\n\r\nabc"));
}

TEST(Answer, MakesRequestIdsOfTheirForm) {
    const std::string id = make_request_id();
    ASSERT_EQ(id.size(), 36U);
    EXPECT_EQ(id[14], '4');
    EXPECT_NE(id, make_request_id());
}

}  // namespace
}  // namespace arngate::fake_sts
