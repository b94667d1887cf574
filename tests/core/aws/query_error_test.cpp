#include "core/aws/query_error.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate::aws {
namespace {

std::string ec2_error(std::string_view code, std::string_view message = "m") {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>" + std::string(code) +
           "</Code><Message>" + std::string(message) + "</Message></Error></Errors><RequestID>r</RequestID></Response>";
}

TEST(QueryError, ReadsBothForms) {
    const auto ec2 = parse_query_error(ec2_error("InvalidInstanceID.NotFound", "The instance ID &apos;i-0&apos;"));
    ASSERT_TRUE(ec2);
    EXPECT_EQ(ec2->code, "InvalidInstanceID.NotFound");
    EXPECT_EQ(ec2->message, "The instance ID 'i-0'");
    const auto sts = parse_query_error(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n <Error>\n  <Type>Sender</Type>\n"
        "  <Code>AccessDenied</Code>\n  <Message>no</Message>\n </Error>\n <RequestId>r</RequestId>\n</ErrorResponse>\n"
    );
    ASSERT_TRUE(sts);
    EXPECT_EQ(sts->code, "AccessDenied");
    EXPECT_EQ(sts->message, "no");
}

TEST(QueryError, GivesOnlyCodesThatMayBeLogged) {
    for (const std::string_view code : {"", "lower", "A b", "AKIA0123", "A-B", "A\xc3\xa9"}) {
        const auto error = parse_query_error(ec2_error(code));
        ASSERT_TRUE(error) << code;
        EXPECT_EQ(error->code, "") << code;
    }
    EXPECT_EQ(parse_query_error(ec2_error(std::string(64, 'A')))->code.size(), 64U);
    EXPECT_EQ(parse_query_error(ec2_error(std::string(65, 'A')))->code.size(), 0U);
}

TEST(QueryError, IsNothingForOtherDocuments) {
    for (const std::string_view body :
         {"",
          "<html/>",
          "<Response/>",
          "<Response><Error><Code>X</Code></Error></Response>",
          "{}",
          "<ErrorResponse><Error><Code>X</Code></Error>"}) {
        EXPECT_FALSE(parse_query_error(body)) << body;
    }
}

TEST(QueryError, SaysWhatCanBeDone) {
    EXPECT_EQ(classify_query_failure(503, "RequestLimitExceeded"), QueryFailure::throttled);
    EXPECT_EQ(classify_query_failure(400, "Throttling"), QueryFailure::throttled);
    EXPECT_EQ(classify_query_failure(429, ""), QueryFailure::throttled);
    EXPECT_EQ(classify_query_failure(503, ""), QueryFailure::unavailable);
    EXPECT_EQ(classify_query_failure(500, "InternalError"), QueryFailure::unavailable);
    EXPECT_EQ(classify_query_failure(400, "InternalError"), QueryFailure::unavailable);
    EXPECT_EQ(classify_query_failure(401, "AuthFailure"), QueryFailure::bad_credentials);
    EXPECT_EQ(classify_query_failure(400, "RequestExpired"), QueryFailure::bad_credentials);
    EXPECT_EQ(classify_query_failure(403, "UnauthorizedOperation"), QueryFailure::refused);
    EXPECT_EQ(classify_query_failure(400, "InvalidInstanceID.NotFound"), QueryFailure::refused);
    EXPECT_EQ(classify_query_failure(302, ""), QueryFailure::refused);
}

}  // namespace
}  // namespace arngate::aws
