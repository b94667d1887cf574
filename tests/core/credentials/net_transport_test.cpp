#include "core/credentials/net_transport.hpp"

#include "tests/core/net/metadata_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stop_token>
#include <string>

namespace arngate::credentials {
namespace {

using net::test::MetadataService;
using net::test::ok;
using testing::HasSubstr;
using testing::StartsWith;

HttpCall call_to(const MetadataService& service) {
    HttpCall call;
    call.tls = false;
    call.endpoint = {.host = "127.0.0.1", .port = service.where().port()};
    call.request.target = Secret("/x?y=z");
    call.limit = std::chrono::minutes(1);
    return call;
}

TEST(NetTransport, BringsQuestionAndAnswer) {
    MetadataService service({ok("body")});
    NetTransport transport({});
    HttpCall call = call_to(service);
    call.request.method = "PUT";
    call.request.body = "";
    const auto answer = transport.exchange(std::move(call));
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "body");
    EXPECT_THAT(service.requests()[0], StartsWith("PUT /x?y=z HTTP/1.1\r\nHost: 127.0.0.1:"));
}

TEST(NetTransport, BoundsTheAnswer) {
    for (const std::size_t size : {10U, 11U}) {
        MetadataService service({ok(std::string(size, 'x'))});
        NetTransport transport({});
        HttpCall call = call_to(service);
        call.max_body_bytes = 10;
        EXPECT_EQ(transport.exchange(std::move(call)).has_value(), size == 10) << size;
    }
}

TEST(NetTransport, SaysWhoWasNotThereAndWhoDidNotAnswer) {
    NetTransport transport({});
    {
        MetadataService service({""});  // closes without an answer
        const auto answer = transport.exchange(call_to(service));
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().kind, CallFailure::Kind::no_answer);
    }
    HttpCall nobody;
    nobody.tls = false;
    nobody.endpoint = {.host = "127.0.0.1", .port = 1};
    nobody.request.target = Secret("/");
    const auto answer = transport.exchange(std::move(nobody));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, CallFailure::Kind::not_reached);
    EXPECT_THAT(answer.error().what, HasSubstr("refused"));
}

TEST(NetTransport, EndsCallsAndPausesWhenStopped) {
    std::stop_source stop;
    stop.request_stop();
    NetTransport transport({}, stop.get_token());
    HttpCall call;
    call.tls = false;
    call.endpoint = {.host = "192.0.2.1", .port = 80};
    call.request.target = Secret("/");
    call.limit = std::chrono::hours(1);
    EXPECT_EQ(transport.exchange(std::move(call)).error().what, "stopped");
    transport.pause(std::chrono::hours(1));
}

TEST(NetTransport, SaysThatACaFileCannotBeRead) {
    NetTransport transport({});
    HttpCall call;
    call.endpoint = {.host = "127.0.0.1", .port = 1};
    call.request.target = Secret("/");
    call.ca_bundle = "/nonexistent/ca.pem";
    const auto answer = transport.exchange(std::move(call));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, CallFailure::Kind::impossible);
    EXPECT_THAT(answer.error().what, HasSubstr("/nonexistent/ca.pem"));
}

TEST(Url, IsOfTheUsualForm) {
    EXPECT_EQ(Url::parse("https://Example.com")->endpoint, (net::Endpoint{.host = "example.com", .port = 443}));
    EXPECT_EQ(Url::parse("http://[::1]:81/a?b=c")->endpoint, (net::Endpoint{.host = "::1", .port = 81}));
    EXPECT_EQ(Url::parse("http://[::1]:81/a?b=c")->target, "/a?b=c");
    EXPECT_EQ(Url::parse("http://h?b")->target, "/?b");
    for (const char* wrong :
         {"",
          "h",
          "http://",
          "http:///x",
          "http://u@h/",
          "http://h:0",
          "http://h:65536",
          "http://h:",
          "http://::1/",
          "http://[h]/",
          "http://[::1",
          "http://h/a b",
          "http://h/\r\n",
          "http://h/#f",
          "file:///x",
          "http://h\\x/"}) {
        EXPECT_FALSE(Url::parse(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace arngate::credentials
