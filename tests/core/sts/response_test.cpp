#include "core/sts/response.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <string_view>

namespace arngate::sts {
namespace {

constexpr std::string_view account = "123456789012";
constexpr std::string_view user_arn = "arn:aws:iam::123456789012:user/Alice";

ResponseRules lenient() {
    return {.partition = "aws", .require_partition = false, .require_account = false};
}

std::string body_of(std::string_view members) {
    return fmt::format(R"({{"GetCallerIdentityResponse":{{"GetCallerIdentityResult":{{{}}}}}}})", members);
}

std::string body_for(std::string_view arn, std::string_view user_id, std::string_view account_id = account) {
    return body_of(fmt::format(R"("Account":"{}","Arn":"{}","UserId":"{}")", account_id, arn, user_id));
}

std::string text_of(const simdjson::dom::element& object, const char* key) {
    return std::string(std::string_view(object[key]));
}

// What the Go server's outcome corresponds to: its counter tells throttling from all else.
std::string_view outcome_of(const Result<CallerIdentity>& result) {
    if (result) {
        return "identity";
    }
    return result.error().reason == Reason::sts_throttled ? "throttled" : "sts_error";
}

TEST(Response, AgreesWithTheVectors) {
    simdjson::dom::parser parser;
    const simdjson::dom::element file = parser.load(ARNGATE_TEST_VECTORS "/sts-response.json");
    std::size_t count = 0;
    for (const simdjson::dom::element test : file["cases"]) {
        const std::string id = text_of(test, "id");
        const auto status = static_cast<int>(std::int64_t(test["status"]));
        const std::string body = text_of(test, "body");
        const auto result = parse_response(status, body, lenient());
        EXPECT_EQ(outcome_of(result), text_of(test, "expect")) << id;
        std::string_view latency_result;
        if (test["latency_result"].get(latency_result) == simdjson::SUCCESS) {
            ASSERT_FALSE(result) << id;
            EXPECT_EQ(info(result.error().reason).peer_result, latency_result) << id;
        }
        if (result) {
            const simdjson::dom::element identity = test["identity"];
            EXPECT_EQ(result->arn, text_of(identity, "arn")) << id;
            EXPECT_EQ(result->canonical_arn, text_of(identity, "canonical_arn")) << id;
            EXPECT_EQ(result->account_id, text_of(identity, "account_id")) << id;
            EXPECT_EQ(result->user_id, text_of(identity, "user_id")) << id;
            EXPECT_EQ(result->session_name, text_of(identity, "session_name")) << id;
        }
        std::string_view strict;
        const bool stricter = test["strict"].get(strict) == simdjson::SUCCESS;
        const auto strictly = parse_response(status, body, ResponseRules{});
        EXPECT_EQ(outcome_of(strictly), stricter ? strict : std::string_view(test["expect"])) << id;
        ++count;
    }
    EXPECT_GT(count, 30U);
}

TEST(Response, MakesAnIdentity) {
    const auto result = parse_response(
        200,
        body_for("arn:aws:sts::123456789012:assumed-role/Admin/alice@example.com", "AROAEXAMPLE:alice@example.com"),
        ResponseRules{}
    );
    ASSERT_TRUE(result) << result.error().detail;
    const CallerIdentity expected{
        .arn = "arn:aws:sts::123456789012:assumed-role/Admin/alice@example.com",
        .canonical_arn = "arn:aws:iam::123456789012:role/Admin",
        .mapping_key = "arn:aws:iam::123456789012:role/admin",
        .kind = aws::PrincipalKind::assumed_role,
        .account_id = std::string(account),
        .user_id = "AROAEXAMPLE",
        .session_name = "alice@example.com",
        .access_key_id = {},
        .sts_host = {},
    };
    EXPECT_EQ(*result, expected);
}

TEST(Response, RefusesWhatIsNotOneStrictAnswer) {
    const std::string good = body_for(user_arn, "AIDAEXAMPLE");
    ASSERT_TRUE(parse_response(200, good, ResponseRules{}));
    ASSERT_TRUE(parse_response(200, " \r\n\t" + good + "\n ", ResponseRules{}));
    const std::string wrapped_twice =
        R"({"GetCallerIdentityResponse":{"GetCallerIdentityResult":{}},"getCallerIdentityResponse":{}})";
    for (const std::string& body : {
             std::string(),
             good + "x",
             good + good,
             good.substr(0, good.size() - 1),
             "\xef\xbb\xbfx" + good,
             std::string(good).replace(
                 good.find("Alice"),
                 5,
                 "Al\x01"
                 "ce"
             ),
             std::string(good).replace(
                 good.find("Alice"),
                 5,
                 "Al\xff"
                 "ce"
             ),
             std::string(good).replace(good.find("Alice"), 5, "Al\\u0000e"),
             std::string(good).replace(good.find("Alice"), 5, "Al\\ne"),
             std::string(good).replace(good.find("Alice"), 5, "Al\\ud800e"),
             body_of(R"("Account":"123456789012","Arn":["arn:aws:iam::123456789012:user/Alice"],"UserId":"A")"),
             body_of(R"("Account":"123456789012","Arn":null,"UserId":"A")"),
             body_of(R"("Account":"123456789012","Arn":"arn:aws:iam::123456789012:user/Alice","UserId":null)"),
             body_of(R"("Account":"123456789012","Arn":"arn:aws:iam::123456789012:user/Alice","UserId":1)"),
             body_of(R"("Account":true,"Arn":"arn:aws:iam::123456789012:user/Alice","UserId":"A")"),
             std::string(R"({"GetCallerIdentityResponse":"x"})"),
             std::string(R"({"GetCallerIdentityResponse":{"GetCallerIdentityResult":[]}})"),
             wrapped_twice,
         }) {
        for (const ResponseRules& rules : {ResponseRules{}, lenient()}) {
            const auto result = parse_response(200, body, rules);
            ASSERT_FALSE(result) << body;
            EXPECT_EQ(result.error().reason, Reason::sts_bad_answer) << body;
        }
    }
}

TEST(Response, RefusesANameThatOccursTwice) {
    const std::string members = R"("Account":"123456789012","Arn":"arn:aws:iam::123456789012:user/Alice","UserId":"A")";
    for (const char* more :
         {R"(,"Arn":"arn:aws:iam::123456789012:user/Alice")",
          R"(,"arn":"arn:aws:iam::123456789012:user/Bob")",
          R"(,"ACCOUNT":"123456789012")",
          R"(,"Userid":"A")"}) {
        EXPECT_TRUE(parse_response(200, body_of(members), lenient()));
        EXPECT_FALSE(parse_response(200, body_of(members + more), lenient())) << more;
    }
    EXPECT_TRUE(parse_response(200, body_of(members + R"(,"Other":1,"Other":2)"), lenient()));
}

TEST(Response, PartitionAndAccountMustBeOurs) {
    const ResponseRules china{.partition = "aws-cn"};
    EXPECT_TRUE(parse_response(200, body_for("arn:aws-cn:iam::123456789012:user/Alice", "A"), china));
    EXPECT_FALSE(parse_response(200, body_for(user_arn, "A"), china));
    for (const char* other : {"", "12345678901", "1234567890123", "123456789013", "12345678901x", " 123456789012"}) {
        const auto result = parse_response(200, body_for(user_arn, "A", other), ResponseRules{});
        ASSERT_FALSE(result) << other;
        EXPECT_EQ(result.error().reason, Reason::sts_bad_answer);
        EXPECT_TRUE(parse_response(200, body_for(user_arn, "A", other), lenient())) << other;
    }
    // Twelve of something that is no digit, on both sides alike.
    EXPECT_FALSE(
        parse_response(200, body_for("arn:aws:iam::abcdefghijkl:user/Alice", "A", "abcdefghijkl"), ResponseRules{})
    );
}

TEST(Response, SizeIsBounded) {
    constexpr std::size_t limit = 64UL * 1024;
    const std::string good = body_for(user_arn, "A");
    EXPECT_TRUE(parse_response(200, good + std::string(limit - good.size(), ' '), ResponseRules{}));
    const auto result = parse_response(200, good + std::string(limit + 1 - good.size(), ' '), ResponseRules{});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().reason, Reason::sts_bad_answer);
    EXPECT_FALSE(parse_response(200, std::string(limit, '['), ResponseRules{}));
}

TEST(Response, StatusDecidesTheReason) {
    struct Case {
        int status;
        const char* body;
        Reason reason;
    };
    for (const Case& c : {
             Case{400, "", Reason::sts_denied},
             Case{403, "", Reason::sts_denied},
             Case{404, "", Reason::sts_denied},
             Case{408, "", Reason::sts_unavailable},
             Case{429, "", Reason::sts_unavailable},
             Case{429, "Throttling", Reason::sts_throttled},
             Case{400, "Throttling", Reason::sts_throttled},
             Case{503, "Throttling", Reason::sts_throttled},
             Case{403, "throttling", Reason::sts_denied},
             Case{499, "", Reason::sts_denied},
             Case{500, "", Reason::sts_unavailable},
             Case{503, "", Reason::sts_unavailable},
             Case{599, "", Reason::sts_unavailable},
             Case{204, "", Reason::sts_bad_answer},
             Case{301, "", Reason::sts_bad_answer},
             Case{307, "", Reason::sts_bad_answer},
         }) {
        const auto result = parse_response(c.status, c.body, ResponseRules{});
        ASSERT_FALSE(result) << c.status;
        EXPECT_EQ(result.error().reason, c.reason) << c.status << ' ' << c.body;
    }
}

// STS repeats in its messages what a token said of itself, such as the region of its scope, and whoever made the token
// chose that. A refusal must not look like throttling for it: that would slow down everybody of the account it names.
TEST(Response, OnlyTheErrorCodeSaysThatStsThrottles) {
    struct Case {
        const char* code;
        const char* message;
        Reason reason;
    };
    for (const Case& c : {
             Case{"Throttling", "Rate exceeded", Reason::sts_throttled},
             Case{"ThrottlingException", "Rate exceeded", Reason::sts_throttled},
             Case{"SignatureDoesNotMatch", "not 'Throttling'. ", Reason::sts_denied},
             Case{"IncompleteSignature", "got 'AKIA/Throttling'", Reason::sts_denied},
             Case{"", "Throttling", Reason::sts_denied},
         }) {
        const std::string json =
            fmt::format(R"({{"Error":{{"Code":"{}","Message":"{}","Type":"Sender"}}}})", c.code, c.message);
        const std::string xml = fmt::format(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>",
            c.code,
            c.message
        );
        for (const std::string& body : {json, xml}) {
            const auto result = parse_response(403, body, ResponseRules{});
            ASSERT_FALSE(result) << body;
            EXPECT_EQ(result.error().reason, c.reason) << body;
        }
    }
}

TEST(Response, NamesTheErrorCodeAndNothingElse) {
    const auto detail = [](std::string_view body) { return parse_response(403, body, ResponseRules{}).error().detail; };
    EXPECT_EQ(
        detail(R"({"Error":{"Code":"SignatureDoesNotMatch","Message":"secret"}})"),
        "STS answered 403 (SignatureDoesNotMatch)"
    );
    EXPECT_EQ(detail(R"({"Error":{"Code":"AuthFailure.Expired"}})"), "STS answered 403 (AuthFailure.Expired)");
    EXPECT_EQ(
        detail("<ErrorResponse><Error><Code>AccessDenied</Code><Message>secret</Message></Error></ErrorResponse>"),
        "STS answered 403 (AccessDenied)"
    );
    const std::string longest(64, 'A');
    EXPECT_EQ(detail(R"({"Error":{"Code":")" + longest + R"("}})"), "STS answered 403 (" + longest + ")");
    for (const std::string& body :
         {R"({"Error":{"Code":")" + longest + R"(A"}})",
          std::string(R"({"Error":{"Code":"f00dfeed"}})"),
          std::string(R"({"Error":{"Code":"AKIA1234"}})"),
          std::string(R"({"Error":{"Code":"A b"}})"),
          std::string(R"({"Error":{"Code":"A\nb"}})"),
          std::string(R"({"Error":{"Code":""}})"),
          std::string(R"({"Error":{"Code":7}})"),
          std::string(R"({"Error":"Secret"})"),
          std::string(R"(["Secret"])"),
          std::string("<Code>Secret</Code>")}) {
        EXPECT_EQ(detail(body), "STS answered 403") << body;
    }
}

TEST(Response, DetailsHoldNothingOfABadAnswer) {
    for (const std::string& body :
         {body_for("arn:aws:iam::123456789012:user/s3cret", "s3cret", "s3cret"),
          body_for("s3cret", "s3cret"),
          body_for("arn:aws:sts::123456789012:assumed-role/s3cret/s3cret", "s3cret"),
          std::string("s3cret")}) {
        const auto result = parse_response(200, body, ResponseRules{});
        ASSERT_FALSE(result) << body;
        EXPECT_FALSE(result.error().detail.contains("s3cret")) << result.error().detail;
    }
}

}  // namespace
}  // namespace arngate::sts
