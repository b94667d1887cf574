#include "core/sts/assume_role.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::sts {
namespace {

struct Answer {
    std::string key_id = "ASIAIOSFODNN7EXAMPLE";
    std::string secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    std::string token = "AQoDYXdzEPT//////////wEXAMPLE+/=";
    std::string expiration = "2026-01-02T03:04:05Z";

    [[nodiscard]] std::string body() const {
        return "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n <AssumeRoleResult>\n"
               "  <AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>arn</Arn></AssumedRoleUser>\n"
               "  <Credentials>\n   <AccessKeyId>" +
               key_id + "</AccessKeyId>\n   <SecretAccessKey>" + secret + "</SecretAccessKey>\n   <SessionToken>" +
               token + "</SessionToken>\n   <Expiration>" + expiration +
               "</Expiration>\n  </Credentials>\n </AssumeRoleResult>\n <ResponseMetadata><RequestId>r</RequestId>"
               "</ResponseMetadata>\n</AssumeRoleResponse>\n";
    }
};

AssumeRoleOptions options() {
    AssumeRoleOptions options;
    options.host = "sts.us-west-2.amazonaws.com";
    options.region = "us-west-2";
    options.role_arn = "arn:aws:iam::123456789012:role/Describer";
    options.session_name = "arngate";
    return options;
}

TEST(AssumeRole, AsksForTheRole) {
    const auto request = assume_role_request(options());
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.host, "sts.us-west-2.amazonaws.com");
    EXPECT_EQ(request.region, "us-west-2");
    EXPECT_EQ(request.service, "sts");
    const std::vector<aws::QueryParameter> wanted{
        {"Action", "AssumeRole"},
        {"Version", "2011-06-15"},
        {"RoleArn", "arn:aws:iam::123456789012:role/Describer"},
        {"RoleSessionName", "arngate"},
        {"DurationSeconds", "3600"}
    };
    EXPECT_EQ(request.parameters, wanted);
    EXPECT_TRUE(request.headers.empty());
}

TEST(AssumeRole, SendsAndSignsItsSource) {
    AssumeRoleOptions with = options();
    with.source_arn = "arn:aws:eks:us-west-2:123456789012:cluster/one";
    with.source_account = "123456789012";
    const auto request = assume_role_request(with);
    const std::vector<aws::Header> wanted{
        {"x-amz-source-account", "123456789012"}, {"x-amz-source-arn", "arn:aws:eks:us-west-2:123456789012:cluster/one"}
    };
    EXPECT_EQ(request.headers, wanted);
    aws::Credentials credentials;
    credentials.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    credentials.secret_access_key = Secret("secret");
    const auto done = aws::sign_request(request, credentials, WallTime{});
    const auto authorization = std::ranges::find(done.headers, "authorization", &aws::Header::first);
    ASSERT_NE(authorization, done.headers.end());
    EXPECT_TRUE(authorization->second.contains("SignedHeaders=host;x-amz-date;x-amz-source-account;x-amz-source-arn,"));
}

TEST(AssumeRole, ReadsTheCredentials) {
    const auto credentials = parse_assume_role(200, Answer{}.body());
    ASSERT_TRUE(credentials) << credentials.error().detail;
    EXPECT_EQ(credentials->access_key_id, "ASIAIOSFODNN7EXAMPLE");
    EXPECT_EQ(credentials->secret_access_key.expose(), "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    EXPECT_EQ(credentials->session_token.expose(), "AQoDYXdzEPT//////////wEXAMPLE+/=");
    EXPECT_EQ(credentials->expires_at, aws::parse_amz_date("20260102T030405Z"));
    Answer fraction;
    fraction.expiration = "2026-01-02T03:04:05.678Z";
    EXPECT_EQ(parse_assume_role(200, fraction.body())->expires_at, aws::parse_amz_date("20260102T030405Z"));
}

TEST(AssumeRole, RefusesCredentialsThatCannotBeUsed) {
    const auto refused = [](auto change) {
        Answer answer;
        change(answer);
        const auto result = parse_assume_role(200, answer.body());
        return !result && result.error().reason == Reason::sts_bad_answer;
    };
    EXPECT_FALSE(refused([](Answer&) {}));
    EXPECT_FALSE(refused([](Answer& a) { a.key_id = std::string(128, 'A'); }));
    EXPECT_TRUE(refused([](Answer& a) { a.key_id = std::string(129, 'A'); }));
    EXPECT_TRUE(refused([](Answer& a) { a.key_id = ""; }));
    EXPECT_TRUE(refused([](Answer& a) { a.key_id = "AKIA/20260102"; }));
    EXPECT_FALSE(refused([](Answer& a) { a.secret = std::string(256, 'A'); }));
    EXPECT_TRUE(refused([](Answer& a) { a.secret = std::string(257, 'A'); }));
    EXPECT_TRUE(refused([](Answer& a) { a.secret = ""; }));
    EXPECT_TRUE(refused([](Answer& a) { a.secret = "a b"; }));
    EXPECT_FALSE(refused([](Answer& a) { a.token = std::string(16384, 'A'); }));
    EXPECT_TRUE(refused([](Answer& a) { a.token = std::string(16385, 'A'); }));
    EXPECT_TRUE(refused([](Answer& a) { a.token = ""; }));
    EXPECT_TRUE(refused([](Answer& a) { a.token = "a&#13;&#10;b"; }));
    for (const std::string_view time :
         {"",
          "2026-01-02",
          "2026-01-02T03:04:05",
          "2026-01-02 03:04:05Z",
          "2026-13-02T03:04:05Z",
          "1767323045",
          "2026-01-02T03:04:05.Z",
          "2026-01-02T03:04:05.1234567890Z",
          "2026-01-02T03:04:05+0000",
          "2026-01-02T03:04:0Z"}) {
        EXPECT_TRUE(refused([time](Answer& a) { a.expiration = time; })) << time;
    }
}

TEST(AssumeRole, RefusesOtherDocuments) {
    std::string twice = Answer{}.body();
    twice.insert(twice.find("<SessionToken>"), "<SessionToken>other</SessionToken>");
    std::string elsewhere = Answer{}.body();
    elsewhere.replace(elsewhere.find("<Credentials>"), 13, "<Credential5>");
    elsewhere.replace(elsewhere.find("</Credentials>"), 14, "</Credential5>");
    for (const std::string& body :
         {std::string(),
          std::string("{}"),
          std::string("<a/>"),
          twice,
          elsewhere,
          Answer{}.body().substr(0, 500),
          "<!DOCTYPE x>" + Answer{}.body()}) {
        const auto result = parse_assume_role(200, body);
        ASSERT_FALSE(result) << body;
        EXPECT_EQ(result.error().reason, Reason::sts_bad_answer);
    }
}

TEST(AssumeRole, SaysWhyItWasRefused) {
    const auto answer = [](int status, const std::string& code) {
        return parse_assume_role(
            status,
            "<ErrorResponse><Error><Code>" + code + "</Code><Message>secret words</Message></Error></ErrorResponse>"
        );
    };
    const auto denied = answer(403, "AccessDenied");
    EXPECT_EQ(denied.error().reason, Reason::sts_denied);
    EXPECT_EQ(denied.error().detail, "AssumeRole was answered with 403 (AccessDenied)");
    EXPECT_EQ(answer(400, "Throttling").error().reason, Reason::sts_throttled);
    EXPECT_EQ(answer(503, "ServiceUnavailable").error().reason, Reason::sts_unavailable);
    EXPECT_EQ(answer(403, "InvalidClientTokenId").error().reason, Reason::sts_denied);
    EXPECT_EQ(parse_assume_role(302, "moved").error().detail, "AssumeRole was answered with 302");
}

}  // namespace
}  // namespace arngate::sts
