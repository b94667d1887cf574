// What a session lets a client do, and for how long.

#include "tests/daemon/http/h2_session_frame.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace arngate::http {
namespace {

using namespace std::chrono_literals;
using test::h2_frame;
using test::H2ClientOptions;

class H2SessionLimits : public test::H2SessionFrame {};

TEST_F(H2SessionLimits, ResetStreamsKeepTheirPlaceUntilTheirHandlersAreDone) {
    limits.max_streams = 4;
    limits.max_resets = 100;
    connect();
    for (int i = 0; i < 20; ++i) {
        const auto id = client->request("GET", "/later");
        exchange();
        client->reset(id);
        exchange();
    }
    EXPECT_EQ(handler.later.size(), 4U);
    const auto waiting = client->request("GET", "/now");
    exchange();
    EXPECT_EQ(status(waiting), "");
    handler.complete("late");
    session->resumed();
    exchange();
    EXPECT_EQ(status(waiting), "200");
}

TEST_F(H2SessionLimits, StreamsBeyondTheLimitAreRefused) {
    limits.max_streams = 2;
    start();
    // Before it has seen the limit, a client may believe that there is none.
    std::vector<std::int32_t> ids;
    for (int i = 0; i < 4; ++i) {
        ids.push_back(client->request("GET", "/later"));
    }
    exchange();
    EXPECT_EQ(handler.later.size(), 2U);
    EXPECT_EQ(client->result(ids[2]).reset, NGHTTP2_REFUSED_STREAM);
    EXPECT_EQ(client->result(ids[3]).reset, NGHTTP2_REFUSED_STREAM);
}

TEST_F(H2SessionLimits, TenThousandStreamsLeaveNothingBehind) {
    connect();
    for (int round = 0; round < 100; ++round) {
        for (int i = 0; i < 100; ++i) {
            client->request("POST", "/r", "body");
        }
        exchange();
    }
    EXPECT_EQ(handler.written, 10'000);
    EXPECT_EQ(session->serial(), 10'000U);
    EXPECT_EQ(session->phase(), Phase::idle);
    EXPECT_LE(session->output().capacity(), 4096U);
    EXPECT_FALSE(client->goaway());
}

TEST_F(H2SessionLimits, RapidResetsEndTheConnection) {
    limits.max_resets = 20;
    limits.resets_per_second = 1;
    connect();
    for (int i = 0; i < 20; ++i) {
        const auto id = client->request("GET", "/later");
        receive(client->take());
        client->reset(id);
        receive(client->take());
        deliver();
    }
    EXPECT_FALSE(client->goaway());
    const auto id = client->request("GET", "/later");
    exchange();
    client->reset(id);
    exchange();
    EXPECT_EQ(client->goaway(), NGHTTP2_ENHANCE_YOUR_CALM);
    EXPECT_EQ(limit(Limit::stream_resets), 1U);
    EXPECT_TRUE(session->finished());
    EXPECT_FALSE(session->wants_read());
}

TEST_F(H2SessionLimits, ResetsThatTheServerIsMadeToSendCountToo) {
    limits.max_resets = 20;
    limits.resets_per_second = 1;
    connect();
    for (int i = 0; i <= 20; ++i) {
        client->request_with({{":method", "GET"}, {":scheme", "https"}, {":path", "/"}});
        exchange();
        EXPECT_EQ(client->goaway().has_value(), i == 20) << i;
    }
    EXPECT_EQ(client->goaway(), NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST_F(H2SessionLimits, ResetsAtTheAllowedRateGoOnForEver) {
    limits.max_resets = 2;
    limits.resets_per_second = 1;
    connect();
    for (int i = 0; i < 50; ++i) {
        const auto id = client->request("GET", "/later");
        exchange();
        client->reset(id);
        exchange();
        clock.advance(1s);
    }
    EXPECT_FALSE(client->goaway());
}

TEST_F(H2SessionLimits, FloodsOfFramesThatAskForNothingEndTheConnection) {
    struct Flood {
        const char* name;
        std::string frame;
    };
    const std::string ping(8, 'p');
    const std::vector<Flood> floods{
        {"ping", h2_frame(NGHTTP2_PING, 0, 0, ping)},
        {"settings", h2_frame(NGHTTP2_SETTINGS, 0, 0, "")},
        {"window", h2_frame(NGHTTP2_WINDOW_UPDATE, 0, 0, std::string("\0\0\0\1", 4))},
    };
    for (const auto& flood : floods) {
        limits.max_control_frames = 100;
        start();
        std::string bytes = test::h2_preface();
        for (int i = 0; i < 99; ++i) {  // with the preface's settings: as many as allowed
            bytes += flood.frame;
        }
        receive(bytes);
        EXPECT_TRUE(session->wants_read()) << flood.name;
        receive(flood.frame);
        // Read by eye: nghttp2's client would stop at an acknowledgement that it did not ask for.
        const std::string calm = h2_frame(NGHTTP2_GOAWAY, 0, 0, std::string("\0\0\0\0\0\0\0\x0b", 8));
        EXPECT_TRUE(session->output().ends_with(calm)) << flood.name;
        session->wrote();
        EXPECT_TRUE(session->finished()) << flood.name;
    }
    EXPECT_EQ(limit(Limit::control_frames), floods.size());
}

TEST_F(H2SessionLimits, EmptyDataFramesAreAFloodToo) {
    limits.max_control_frames = 100;
    start();
    const std::string get("\x82\x87\x84\x41\x01x", 6);  // GET https / with authority x, by HPACK's static table
    std::string bytes = test::h2_preface() + h2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, get);
    for (int i = 0; i < 100; ++i) {
        bytes += h2_frame(NGHTTP2_DATA, 0, 1, "");
    }
    receive(bytes);
    ASSERT_TRUE(client->feed(session->output()));
    EXPECT_EQ(client->goaway(), NGHTTP2_ENHANCE_YOUR_CALM);
    EXPECT_TRUE(handler.seen.empty());
}

TEST_F(H2SessionLimits, AFloodOfContinuationsEndsTheConnection) {
    start();
    const std::string get("\x82\x87\x84\x41\x01x", 6);
    std::string bytes = test::h2_preface() + h2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, get);
    for (int i = 0; i < 1000; ++i) {
        bytes += h2_frame(NGHTTP2_CONTINUATION, 0, 1, "");
    }
    receive(bytes);
    EXPECT_TRUE(session->finished() || client->feed(session->output()));
    session->wrote();
    EXPECT_TRUE(session->finished());
    EXPECT_TRUE(handler.seen.empty());
}

TEST_F(H2SessionLimits, WhatIsNoHttp2EndsTheConnection) {
    for (const std::string& bytes :
         {std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
          test::h2_preface() + h2_frame(NGHTTP2_DATA, 0, 1, "idle"),
          test::h2_preface() + h2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 2, "\x82"),
          test::h2_preface() +
              h2_frame(NGHTTP2_PUSH_PROMISE, NGHTTP2_FLAG_END_HEADERS, 1, std::string("\0\0\0\2\x82", 5)),
          test::h2_preface() + h2_frame(NGHTTP2_PING, 0, 0, "short"),
          test::h2_preface() + h2_frame(NGHTTP2_SETTINGS, 0, 0, "odd"),
          test::h2_preface() + h2_frame(NGHTTP2_WINDOW_UPDATE, 0, 0, std::string(4, '\0')),
          test::h2_preface() + h2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, std::string(10, '\xff')),
          test::h2_preface() + h2_frame(NGHTTP2_DATA, 0, 1, std::string(16'385, 'x'))}) {
        start();
        receive(bytes);
        session->wrote();
        EXPECT_TRUE(session->finished()) << bytes.substr(0, 60);
        EXPECT_FALSE(session->wants_read());
    }
    EXPECT_TRUE(handler.seen.empty());
}

TEST_F(H2SessionLimits, APingIsAnsweredBeforeWhatWaitsForAWindow) {
    H2ClientOptions narrow;
    narrow.window = 10;
    narrow.opens_windows = false;
    handler.big_bytes = 1000;
    connect(narrow);
    client->request("GET", "/big");
    client->request("GET", "/later");
    exchange();
    client->ping();
    exchange();
    EXPECT_EQ(client->pongs(), 1);
}

TEST_F(H2SessionLimits, AnswersFlowAsTheClientOpensItsWindow) {
    H2ClientOptions narrow;
    narrow.window = 10;
    narrow.opens_windows = false;
    handler.big_bytes = 25;
    connect(narrow);
    const auto id = client->request("GET", "/big");
    exchange();
    EXPECT_EQ(client->result(id).body.size(), 10U);
    EXPECT_EQ(handler.written, 0);
    client->open_window(id, 15);
    exchange();
    EXPECT_EQ(client->result(id).body.size(), 25U);
    EXPECT_TRUE(client->result(id).complete);
    EXPECT_EQ(handler.written, 1);
}

TEST_F(H2SessionLimits, AnAnswerThatIsNotReadIsResetInTheEnd) {
    H2ClientOptions narrow;
    narrow.window = 10;
    narrow.opens_windows = false;
    handler.big_bytes = 25;
    connect(narrow);
    const auto id = client->request("GET", "/big");
    exchange();
    pass_time(19999ms);
    exchange();
    EXPECT_FALSE(client->result(id).reset);
    pass_time(1ms);
    exchange();
    EXPECT_EQ(client->result(id).reset, NGHTTP2_CANCEL);
    EXPECT_EQ(limit(Limit::write_timeout), 1U);
    EXPECT_EQ(handler.written, 1);
    EXPECT_EQ(session->phase(), Phase::idle);
}

TEST_F(H2SessionLimits, RequestsWaitWhileAnswersAreNotRead) {
    limits.max_pipelined_bytes = 1000;
    H2ClientOptions narrow;
    narrow.window = 0;
    narrow.opens_windows = false;
    handler.big_bytes = 1001;
    connect(narrow);
    const auto big = client->request("GET", "/big");
    const auto next = client->request("GET", "/2");
    exchange();
    EXPECT_EQ(handler.seen.size(), 1U);
    EXPECT_EQ(limit(Limit::pipelined_bytes), 1U);
    EXPECT_TRUE(session->wants_read());  // for the window to be opened
    client->open_window(big, 1001);
    client->open_window(next, 100);
    exchange();
    EXPECT_EQ(client->result(big).body.size(), 1001U);
    EXPECT_EQ(status(next), "200");
}

TEST_F(H2SessionLimits, RequestsWaitWhileLongAnswersAreOutstanding) {
    limits.max_pipelined_bytes = 1000;
    handler.big_bytes = 600;
    connect();
    std::vector<std::int32_t> ids;
    for (int i = 0; i < 4; ++i) {
        ids.push_back(client->request("GET", "/later-big"));
    }
    const auto last = client->request("GET", "/last");
    exchange();
    EXPECT_EQ(handler.later.size(), 2U);
    // Nothing that the client does makes it wait.
    EXPECT_EQ(limit(Limit::pipelined_bytes), 0U);
    client->reset(ids[0]);
    exchange();
    EXPECT_EQ(handler.later.size(), 2U);
    while (!handler.later.empty()) {
        handler.complete(std::string(600, 'b'));
        session->resumed();
        exchange();
        EXPECT_LE(handler.later.size(), 2U);
    }
    for (const auto id : std::span(ids).subspan(1)) {
        EXPECT_EQ(client->result(id).body.size(), 600U);
    }
    EXPECT_EQ(status(last), "200");
    EXPECT_EQ(limit(Limit::pipelined_bytes), 0U);
}

TEST_F(H2SessionLimits, LongAnswersThatNobodyReadsHoldUpTheRest) {
    limits.max_pipelined_bytes = 1000;
    handler.big_bytes = 600;
    H2ClientOptions narrow;
    narrow.window = 0;
    narrow.opens_windows = false;
    connect(narrow);
    for (int i = 0; i < 4; ++i) {
        client->request("GET", "/later-big");
    }
    exchange();
    for (int i = 0; i < 2; ++i) {
        handler.complete(std::string(600, 'b'));
    }
    session->resumed();
    exchange();
    EXPECT_EQ(handler.later.size(), 0U);
    EXPECT_EQ(handler.seen.size(), 2U);
    EXPECT_EQ(limit(Limit::pipelined_bytes), 1U);
}

TEST_F(H2SessionLimits, StopsReadingWhileItsOutputIsNotWritten) {
    limits.max_pipelined_bytes = 1000;
    handler.big_bytes = 1001;
    connect();
    const auto first = client->request("GET", "/big");
    const auto second = client->request("GET", "/big");
    receive(client->take());
    EXPECT_FALSE(session->wants_read());
    EXPECT_EQ(handler.seen.size(), 1U);
    deliver();
    EXPECT_EQ(client->result(first).body.size(), 1001U);
    EXPECT_EQ(client->result(second).body.size(), 1001U);
    EXPECT_TRUE(session->wants_read());
}

TEST_F(H2SessionLimits, ABodyMustBeCompleteInItsTime) {
    connect();
    const auto slow = client->request("POST", "/slow", std::nullopt);
    client->send_body(slow, "abc", false);
    exchange();
    pass_time(19999ms);
    exchange();
    EXPECT_EQ(status(slow), "");
    pass_time(1ms);
    exchange();
    EXPECT_EQ(status(slow), "408");
    EXPECT_EQ(client->result(slow).reset, NGHTTP2_NO_ERROR);
    EXPECT_EQ(limit(Limit::body_timeout), 1U);
    EXPECT_FALSE(session->finished());
}

TEST_F(H2SessionLimits, AHeaderBlockMustBeCompleteInItsTime) {
    start();
    receive(test::h2_preface() + h2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, "\x82"));
    deliver();
    pass_time(20s);
    deliver();
    EXPECT_EQ(client->goaway(), NGHTTP2_PROTOCOL_ERROR);
    EXPECT_EQ(limit(Limit::header_timeout), 1U);
    EXPECT_TRUE(session->finished());
}

TEST_F(H2SessionLimits, AClientThatNeverBeginsIsLetGo) {
    start();
    deliver();
    EXPECT_EQ(session->phase(), Phase::head);
    session->timed_out();
    deliver();
    EXPECT_EQ(client->goaway(), NGHTTP2_SETTINGS_TIMEOUT);
    EXPECT_TRUE(session->finished());
}

}  // namespace
}  // namespace arngate::http
