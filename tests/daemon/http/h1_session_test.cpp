#include "daemon/http/h1_session.hpp"

#include "tests/daemon/http/session_frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace arngate::http {
namespace {

using namespace std::chrono_literals;
using test::get;

/// The session alone: bytes in, bytes out.
class H1SessionTest : public test::SessionFrame {
protected:
    void start() { session = make_session<H1Session>(); }

    void receive(std::string_view bytes) {
        ASSERT_TRUE(session->wants_read());
        const auto room = session->prepare();
        ASSERT_GE(room.size(), bytes.size());
        std::memcpy(room.data(), bytes.data(), bytes.size());
        session->received(bytes.size());
        session->park();
    }

    /// What was answered so far, as if it had been written.
    std::string take_output() {
        std::string out = session->output();
        session->wrote();
        return out;
    }

    /// The bodies of the answers in a text, each answer's status before it.
    static std::string summary(std::string_view out) {
        std::string text;
        while (!out.empty()) {
            const auto head_end = out.find("\r\n\r\n");
            const auto length_at = out.find("Content-Length: ");
            text += out.substr(9, 3);
            if (length_at == std::string_view::npos || length_at > head_end) {
                text += ";";
                out.remove_prefix(head_end + 4);
                continue;
            }
            const std::size_t length = std::stoul(std::string(out.substr(length_at + 16, 8)));
            text += " " + std::string(out.substr(head_end + 4, length)) + ";";
            out.remove_prefix(std::min(out.size(), head_end + 4 + length));
        }
        return text;
    }

    std::shared_ptr<H1Session> session;
};

TEST_F(H1SessionTest, AnswersPipelinedRequestsInOrder) {
    start();
    receive(get("/1") + get("/2") + get("/3"));
    EXPECT_EQ(summary(take_output()), "200 GET /1? ;200 GET /2? ;200 GET /3? ;");
    EXPECT_EQ(handler.written, 3);
    EXPECT_EQ(session->phase(), Phase::idle);
    EXPECT_EQ(session->serial(), 3U);
    EXPECT_EQ(handler.peer, "192.0.2.1:5");
}

TEST_F(H1SessionTest, SplitsPathAndQuery) {
    start();
    receive(get("/a?b=c?d") + get("http://example.com/x?y") + get("HTTPS://example.com") + get("http://h?q"));
    EXPECT_EQ(summary(take_output()), "200 GET /a?b=c?d ;200 GET /x?y ;200 GET /? ;200 GET /?q ;");
}

TEST_F(H1SessionTest, RefusesOtherFormsOfTarget) {
    for (const auto* target : {"*", "example.com:443", "ftp://example.com/", "a/b"}) {
        start();
        receive(get(target));
        EXPECT_EQ(summary(take_output()), "400 Bad Request\n;") << target;
        EXPECT_TRUE(session->finished());
    }
    EXPECT_TRUE(handler.seen.empty());
}

TEST_F(H1SessionTest, ALateAnswerHoldsUpThoseBehindIt) {
    start();
    receive(get("/later") + get("/2"));
    EXPECT_EQ(session->output(), "");
    EXPECT_FALSE(session->wants_read());
    EXPECT_EQ(session->phase(), Phase::busy);
    EXPECT_EQ(handler.seen.size(), 1U);
    handler.complete("late");
    EXPECT_EQ(host.resumed, 1);
    EXPECT_EQ(handler.seen.size(), 1U);  // not from within the completion
    session->resumed();
    EXPECT_EQ(summary(take_output()), "200 late;200 GET /2? ;");
    EXPECT_EQ(handler.written, 2);
}

TEST_F(H1SessionTest, ADroppedCompletionIsA500) {
    start();
    receive(get("/drop") + get("/later") + get("/3"));
    EXPECT_EQ(summary(take_output()), "500 internal error\n;");
    handler.later.clear();
    session->resumed();
    EXPECT_EQ(summary(take_output()), "500 internal error\n;200 GET /3? ;");
}

TEST_F(H1SessionTest, ACompletionMayComeBeforeTheHandlerReturns) {
    start();
    receive(get("/early") + get("/2"));
    EXPECT_EQ(summary(take_output()), "200 early;200 GET /2? ;");
    EXPECT_EQ(host.resumed, 0);
}

TEST_F(H1SessionTest, ACompletionAfterTheEndDoesNothing) {
    start();
    receive(get("/later"));
    session->abandon();
    handler.complete("late");
    EXPECT_EQ(host.resumed, 0);
    EXPECT_EQ(handler.written, 1);  // the metrics of the review are kept all the same
    start();
    receive(get("/later"));
    session.reset();
    handler.complete("late");
    EXPECT_EQ(host.resumed, 0);
    EXPECT_EQ(handler.written, 2);
}

TEST_F(H1SessionTest, AThrowIsA500WithoutItsText) {
    start();
    receive(get("/throw") + get("/2"));
    EXPECT_EQ(summary(take_output()), "500 internal error\n;200 GET /2? ;");
}

TEST_F(H1SessionTest, HeadGetsNoBody) {
    start();
    receive("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string out = take_output();
    EXPECT_NE(out.find("Content-Length: 9\r\n"), std::string::npos);
    EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

TEST_F(H1SessionTest, ALateAnswerToHeadHasNoBodyEither) {
    start();
    receive("HEAD /later HTTP/1.1\r\nHost: x\r\n\r\n");
    handler.complete("late");
    session->resumed();
    EXPECT_TRUE(take_output().ends_with("Content-Length: 4\r\n\r\n"));
}

TEST_F(H1SessionTest, ConnectionCloseEndsAfterTheAnswer) {
    start();
    receive("GET /1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + get("/2"));
    const std::string out = take_output();
    EXPECT_NE(out.find("Connection: close\r\n"), std::string::npos);
    EXPECT_EQ(summary(out), "200 GET /1? ;");
    EXPECT_TRUE(session->finished());
    EXPECT_FALSE(session->wants_read());
}

TEST_F(H1SessionTest, AHandlerMayEndTheConnection) {
    start();
    receive(get("/close") + get("/2"));
    EXPECT_EQ(handler.seen.size(), 1U);
    EXPECT_TRUE(session->finished());
}

TEST_F(H1SessionTest, Version10IsKeptOnlyWhenAsked) {
    start();
    receive("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_NE(take_output().find("Connection: keep-alive\r\n"), std::string::npos);
    EXPECT_FALSE(session->finished());
    receive("GET /2 HTTP/1.0\r\n\r\n");
    EXPECT_NE(take_output().find("Connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(session->finished());
}

TEST_F(H1SessionTest, SaysContinueToAClientThatWaits) {
    start();
    receive("POST /p HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(take_output(), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(session->phase(), Phase::body);
    receive("ok");
    EXPECT_EQ(summary(take_output()), "200 POST /p? ok;");
}

TEST_F(H1SessionTest, ABodyTooLargeIsRefusedInsteadOfContinued) {
    limits.max_body_bytes = 10;
    start();
    receive("POST /p HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
    EXPECT_EQ(summary(take_output()), "413 Content Too Large\n;");
    EXPECT_TRUE(session->finished());
    EXPECT_EQ(limit(Limit::body_bytes), 1U);
}

TEST_F(H1SessionTest, AnswersWhatWasGoodBeforeItRefuses) {
    limits.max_header_bytes = 64;
    start();
    receive(get("/1") + "GET /2 HTTP/1.1\r\nHost: x\r\nX: " + std::string(64, 'x') + "\r\n\r\n" + get("/3"));
    EXPECT_EQ(summary(take_output()), "200 GET /1? ;431 Request Header Fields Too Large\n;");
    EXPECT_TRUE(session->finished());
    EXPECT_EQ(limit(Limit::header_bytes), 1U);
    EXPECT_EQ(metrics->requests.with({"invalid", "431"}).value(), 1U);
}

TEST_F(H1SessionTest, StopsAtTheNumberOfRequests) {
    limits.max_requests_per_connection = 2;
    start();
    receive(get("/1"));
    EXPECT_EQ(take_output().find("Connection: close"), std::string::npos);
    receive(get("/2") + get("/3"));
    EXPECT_NE(take_output().find("Connection: close"), std::string::npos);
    EXPECT_TRUE(session->finished());
    EXPECT_EQ(handler.seen.size(), 2U);
    EXPECT_EQ(limit(Limit::requests_per_connection), 1U);
}

TEST_F(H1SessionTest, StopsServingWhileAnswersAreNotTaken) {
    limits.max_pipelined_bytes = 1000;
    handler.big_bytes = 1001;
    start();
    receive(get("/big") + get("/2") + get("/3"));
    EXPECT_EQ(handler.seen.size(), 1U);
    EXPECT_FALSE(session->wants_read());
    EXPECT_FALSE(session->finished());
    EXPECT_EQ(limit(Limit::pipelined_bytes), 1U);
    static_cast<void>(take_output());
    EXPECT_EQ(summary(take_output()), "200 GET /2? ;200 GET /3? ;");
    EXPECT_TRUE(session->wants_read());
}

TEST_F(H1SessionTest, AnswersUpToTheLimitOfBytesDoNotStopIt) {
    handler.big_bytes = 100;
    start();
    receive(get("/big"));
    limits.max_pipelined_bytes = session->output().size();
    start();
    receive(get("/big") + get("/2"));
    EXPECT_EQ(handler.seen.size(), 3U);
    EXPECT_EQ(limit(Limit::pipelined_bytes), 0U);
}

TEST_F(H1SessionTest, ARequestThatTakesTooLongIsA408) {
    start();
    receive("GET /1 HT");
    EXPECT_EQ(session->phase(), Phase::head);
    session->timed_out();
    EXPECT_EQ(summary(take_output()), "408 Request Timeout\n;");
    EXPECT_TRUE(session->finished());
}

TEST_F(H1SessionTest, WhileDrainingEveryAnswerIsTheLast) {
    start();
    receive(get("/later") + get("/2"));
    context->draining = true;
    handler.complete("late");
    session->resumed();
    const std::string out = take_output();
    EXPECT_NE(out.find("Connection: close\r\n"), std::string::npos);
    EXPECT_EQ(summary(out), "200 late;");
    EXPECT_TRUE(session->finished());
}

TEST_F(H1SessionTest, AnswersTheFirstRequestOfWhoConnectedJustBeforeTheServerStops) {
    start();
    clock.advance(1999ms);
    context->draining = true;
    EXPECT_FALSE(session->drain());
    EXPECT_FALSE(session->finished());
    receive(get("/1"));
    const std::string out = take_output();
    EXPECT_EQ(summary(out), "200 GET /1? ;");
    EXPECT_NE(out.find("Connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(session->finished());
}

TEST_F(H1SessionTest, WaitsForAFirstRequestNoLongerThanItsTimeWhenTheServerStops) {
    start();
    EXPECT_EQ(session->deadline(), SteadyTime::max());
    context->draining = true;
    EXPECT_FALSE(session->drain());
    EXPECT_EQ(session->deadline(), clock.steady() + limits.first_request_timeout);
    clock.advance(2s);
    session->expire();
    EXPECT_EQ(session->output(), "");
    EXPECT_TRUE(session->finished());
}

TEST_F(H1SessionTest, ARequestThatHasBegunHasItsOwnTimeWhenTheServerStops) {
    start();
    context->draining = true;
    EXPECT_FALSE(session->drain());
    receive("GET /1 HT");
    EXPECT_EQ(session->deadline(), SteadyTime::max());
}

TEST_F(H1SessionTest, MayBeClosedWhenTheServerStopsAndNoRequestIsToBeExpected) {
    start();
    clock.advance(2s);
    context->draining = true;
    EXPECT_TRUE(session->drain()) << "long silent";
    start();
    receive(get("/1"));
    take_output();
    EXPECT_TRUE(session->drain()) << "between two requests";
}

TEST_F(H1SessionTest, TheEndOfTheClientEndsItAfterTheAnswers) {
    start();
    receive(get("/later"));
    session->received_end();
    EXPECT_FALSE(session->finished());
    handler.complete("late");
    session->resumed();
    EXPECT_EQ(summary(take_output()), "200 late;");
    EXPECT_TRUE(session->finished());
}

}  // namespace
}  // namespace arngate::http
