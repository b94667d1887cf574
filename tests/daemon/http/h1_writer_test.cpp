#include "daemon/http/h1_writer.hpp"

#include "daemon/http/answers.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace arngate::http {
namespace {

using std::chrono::seconds;

TEST(DateLine, WritesTheDateOfHttp) {
    DateLine line;
    EXPECT_EQ(line.at(WallTime(seconds(784'111'777))), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(line.at(WallTime(seconds(0))), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(DateLine, ChangesWithTheSecond) {
    DateLine line;
    const WallTime second{seconds(1'000'000'000)};
    EXPECT_EQ(line.at(second), line.at(second + std::chrono::milliseconds(999)));
    EXPECT_EQ(line.at(second + seconds(1)), "Sun, 09 Sep 2001 01:46:41 GMT");
}

TEST(AppendResponse, WritesWhatIsSetAndNothingElse) {
    Response response;
    response.content_type = plain_text;
    response.body = "ok";
    std::string out = "before";
    append_response(out, response, "D", Ending::keep_alive, BodyPart::sent);
    EXPECT_EQ(
        out,
        "beforeHTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nDate: D\r\nContent-Length: 2\r\n\r\nok"
    );
}

TEST(AppendResponse, WritesEveryHeader) {
    Response response;
    fill_error(response, 503, "busy");
    response.retry_after_seconds = 3;
    response.allow = "POST";
    response.location = "/x";
    std::string out;
    append_response(out, response, "D", Ending::close, BodyPart::sent);
    EXPECT_EQ(
        out,
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "X-Content-Type-Options: nosniff\r\nRetry-After: 3\r\nAllow: POST\r\nLocation: /x\r\nDate: D\r\n"
        "Connection: close\r\nContent-Length: 5\r\n\r\nbusy\n"
    );
}

TEST(AppendResponse, SaysTheLengthOfABodyLeftOut) {
    Response response;
    response.body = "abc";
    std::string out;
    append_response(out, response, "D", Ending::keep_alive_said, BodyPart::left_out);
    EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nDate: D\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\n");
}

}  // namespace
}  // namespace arngate::http
