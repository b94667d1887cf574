#include "daemon/http/h2_session.hpp"

#include "tests/daemon/http/h2_client.hpp"
#include "tests/daemon/http/test_handler.hpp"
#include "tests/daemon/http/test_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::http {
namespace {

using namespace std::chrono_literals;
using test::h2_frame;
using test::H2Client;
using test::H2ClientOptions;
using test::H2Fields;

class FakeHost final : public SessionHost {
public:
    void resume() override { ++resumed; }
    int resumed = 0;
};

/// The session alone, with nghttp2's client at its other end.
class H2SessionTest : public ::testing::Test {
protected:
    void start(const H2ClientOptions& options = {}) {
        context = std::make_shared<SessionContext>(limits, handler, clock, metrics);
        session = std::make_shared<H2Session>(context, host, "192.0.2.1:5");
        client = std::make_unique<H2Client>(options);
    }

    void receive(std::string_view bytes) {
        while (!bytes.empty() && session->wants_read()) {
            const auto room = session->prepare();
            const std::size_t size = std::min({bytes.size(), room.size(), std::size_t{16 * 1024}});
            std::memcpy(room.data(), bytes.data(), size);
            session->received(size);
            session->park();
            bytes.remove_prefix(size);
        }
    }

    /// What the session says, written and read; false when there was nothing.
    bool deliver() {
        bool any = false;
        while (!session->output().empty()) {
            const std::string out = session->output();
            session->wrote();
            EXPECT_TRUE(client->feed(out));
            any = true;
        }
        return any;
    }

    /// Lets both sides say what they have to say.
    void exchange() {
        std::string said;
        do {
            said = client->take();
            receive(said);
        } while (deliver() || !said.empty());
    }

    [[nodiscard]] std::uint64_t limit(Limit which) { return metrics->limit(which).value(); }
    [[nodiscard]] std::string status(std::int32_t id) { return client->result(id).status; }

    void pass_time(std::chrono::milliseconds span) {
        clock.advance(span);
        if (clock.steady() >= session->deadline()) {
            session->expire();
        }
    }

    static H2Fields fields(const H2Fields& more, std::string_view path = "/a") {
        H2Fields all{{":method", "POST"}, {":scheme", "https"}, {":authority", "x"}, {":path", std::string(path)}};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    HttpLimits limits;
    test::TestHandler handler;
    test::TestClock clock;
    MetricsRegistry registry;
    std::shared_ptr<HttpMetrics> metrics = std::make_shared<HttpMetrics>(registry);
    std::shared_ptr<SessionContext> context;
    FakeHost host;
    std::shared_ptr<H2Session> session;
    std::unique_ptr<H2Client> client;
};

TEST_F(H2SessionTest, SaysItsLimitsFirst) {
    start();
    EXPECT_EQ(session->phase(), Phase::head);
    exchange();
    EXPECT_EQ(client->setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS), 250U);
    EXPECT_EQ(client->setting(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE), limits.max_header_bytes);
    EXPECT_EQ(client->setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE), limits.max_body_bytes + 1);
    EXPECT_EQ(session->phase(), Phase::idle);
}

TEST_F(H2SessionTest, AnswersWhatOneReadBringsInOneGo) {
    start();
    exchange();
    std::vector<std::int32_t> ids;
    for (int i = 0; i < 20; ++i) {
        ids.push_back(client->request("POST", "/" + std::to_string(i) + "?q", "body"));
    }
    receive(client->take());
    EXPECT_EQ(handler.written, 0);
    const std::string out = session->output();
    session->wrote();
    EXPECT_EQ(handler.written, 20);
    EXPECT_EQ(session->output(), "");
    ASSERT_TRUE(client->feed(out));
    for (int i = 0; i < 20; ++i) {
        const auto& result = client->result(ids[static_cast<std::size_t>(i)]);
        EXPECT_EQ(result.status, "200");
        EXPECT_EQ(result.body, "POST /" + std::to_string(i) + "?q body");
        EXPECT_EQ(result.headers.at("content-length"), std::to_string(result.body.size()));
        EXPECT_EQ(result.headers.at("date"), "Fri, 15 Jan 2027 08:00:00 GMT");
        EXPECT_TRUE(result.complete);
        EXPECT_FALSE(result.reset);
    }
    EXPECT_EQ(handler.peer, "192.0.2.1:5");
    EXPECT_EQ(session->phase(), Phase::idle);
    EXPECT_EQ(session->serial(), 20U);
}

TEST_F(H2SessionTest, HowBytesAreCutDoesNotMatter) {
    start();
    const auto id = client->request("POST", "/cut", "body");
    for (const char byte : client->take()) {
        receive({&byte, 1});
    }
    exchange();
    EXPECT_EQ(client->result(id).body, "POST /cut? body");
}

TEST_F(H2SessionTest, TakesABodyAtTheLimitAndNoneBeyond) {
    start();
    exchange();
    const auto at = client->request("POST", "/at", std::string(limits.max_body_bytes, 'b'));
    const auto beyond = client->request("POST", "/beyond", std::string(limits.max_body_bytes + 1, 'b'));
    const auto declared = client->request_with(fields({{"content-length", "65537"}}), std::nullopt);
    exchange();
    EXPECT_EQ(status(at), "200");
    EXPECT_EQ(status(beyond), "413");
    EXPECT_EQ(status(declared), "413");
    EXPECT_EQ(client->result(declared).reset, NGHTTP2_NO_ERROR);
    EXPECT_EQ(limit(Limit::body_bytes), 2U);
    EXPECT_EQ(handler.seen.size(), 1U);
    EXPECT_EQ(session->phase(), Phase::idle);
}

TEST_F(H2SessionTest, TheConnectionsWindowIsOpenedAgain) {
    start();
    exchange();
    for (int i = 0; i < 64; ++i) {  // four times the window
        const auto id = client->request("POST", "/b", std::string(limits.max_body_bytes, 'b'));
        exchange();
        ASSERT_EQ(status(id), "200") << i;
    }
}

TEST_F(H2SessionTest, TakesAHeaderListAtTheLimitAndNoneBeyond) {
    limits.max_header_bytes = 500;
    start();
    exchange();
    // The pseudo-header fields take 7+4 + 7+5 + 10+1 + 5+2 bytes and 32 each.
    const std::size_t used = 41 + 4 * 32;
    const auto at = client->request_with(fields({{"n", std::string(500 - used - 33, 'v')}}));
    const auto beyond = client->request_with(fields({{"n", std::string(500 - used - 32, 'v')}}));
    exchange();
    EXPECT_EQ(status(at), "200");
    EXPECT_EQ(status(beyond), "431");
    EXPECT_EQ(limit(Limit::header_bytes), 1U);
    EXPECT_EQ(metrics->requests.with({"invalid", "431"}).value(), 1U);
}

TEST_F(H2SessionTest, TrailersCountAndSayNothing) {
    start();
    exchange();
    const auto good = client->request_with(fields({}), "body", {{"checksum", "1"}});
    const auto beyond = client->request_with(fields({}), "body", {{"n", std::string(limits.max_header_bytes, 'v')}});
    exchange();
    EXPECT_EQ(client->result(good).body, "POST /a? body");
    EXPECT_EQ(status(beyond), "431");
}

TEST_F(H2SessionTest, RefusesWhatMayBeReadInTwoWays) {
    const std::vector<H2Fields> heads{
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}, {"host", "b"}},
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "user@a"}, {":path", "/"}},
        {{":method", "GET"}, {":scheme", "ftp"}, {":authority", "a"}, {":path", "/"}},
        {{":method", "OPTIONS"}, {":scheme", "https"}, {":authority", "a"}, {":path", "*"}},
        {{":method", "CONNECT"}, {":authority", "a:443"}},
    };
    start();
    exchange();
    for (const auto& head : heads) {
        const auto id = client->request_with(head);
        exchange();
        EXPECT_EQ(status(id), "400") << head.back().second;
    }
    EXPECT_TRUE(handler.seen.empty());
    EXPECT_EQ(status(client->request("GET", "/")), "");
}

TEST_F(H2SessionTest, MalformedRequestsAreReset) {
    const std::vector<H2Fields> heads{
        {{":method", "GET"}, {":scheme", "https"}, {":path", "/"}},                               // no host
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}},                          // no path
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", ""}},           // empty
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "http://a/"}},  // absolute
        {{":method", "GET"}, {":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}},
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}, {":status", "200"}},
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}, {":other", "1"}},
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {"x", "1"}, {":path", "/"}},  // late
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}, {"connection", "close"}},
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}, {"te", "gzip"}},
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}, {"transfer-encoding", "chunked"}
        },
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}, {"content-length", "x"}},
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}, {"host", "a"}, {"host", "a"}},
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}, {"bad name", "1"}},
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}, {"x", "a\nb"}},
    };
    start();
    exchange();
    for (const auto& head : heads) {
        const auto id = client->request_with(head);
        exchange();
        EXPECT_EQ(client->result(id).reset, NGHTTP2_PROTOCOL_ERROR) << head.back().first << head.back().second;
        EXPECT_EQ(status(id), "");
    }
    EXPECT_TRUE(handler.seen.empty());
    const auto good = client->request("GET", "/");
    exchange();
    EXPECT_EQ(status(good), "200");
}

TEST_F(H2SessionTest, ABodyOfAnotherLengthThanSaidIsReset) {
    start();
    exchange();
    const auto less = client->request_with(fields({{"content-length", "5"}}), "body");
    const auto more = client->request_with(fields({{"content-length", "3"}}), "body");
    exchange();
    EXPECT_EQ(client->result(less).reset, NGHTTP2_PROTOCOL_ERROR);
    EXPECT_EQ(client->result(more).reset, NGHTTP2_PROTOCOL_ERROR);
    EXPECT_TRUE(handler.seen.empty());
}

TEST_F(H2SessionTest, TakesHostInPlaceOfAuthorityAndMethodsOfAnyName) {
    start();
    exchange();
    const auto id = client->request_with({{":method", "BREW"}, {":scheme", "https"}, {":path", "/pot"}, {"host", "x"}});
    exchange();
    EXPECT_EQ(client->result(id).body, "BREW /pot? ");
}

TEST_F(H2SessionTest, HeadGetsNoBody) {
    start();
    exchange();
    const auto id = client->request("HEAD", "/h");
    exchange();
    EXPECT_EQ(status(id), "200");
    EXPECT_EQ(client->result(id).headers.at("content-length"), "9");
    EXPECT_EQ(client->result(id).body, "");
    EXPECT_TRUE(client->result(id).complete);
}

TEST_F(H2SessionTest, SaysContinueToAClientThatWaits) {
    start();
    exchange();
    const auto id = client->request_with(fields({{"expect", "100-continue"}}), std::nullopt);
    const auto other = client->request_with(fields({{"expect", "the-unexpected"}}), std::nullopt);
    exchange();
    EXPECT_EQ(client->result(id).interim, std::vector<std::string>{"100"});
    EXPECT_EQ(status(other), "417");
    client->send_body(id, "ok", true);
    exchange();
    EXPECT_EQ(client->result(id).body, "POST /a? ok");
}

TEST_F(H2SessionTest, ALateAnswerHoldsUpNoOther) {
    start();
    exchange();
    const auto late = client->request("POST", "/later", "1");
    const auto other = client->request("POST", "/other", "2");
    exchange();
    EXPECT_EQ(status(late), "");
    EXPECT_EQ(client->result(other).body, "POST /other? 2");
    EXPECT_EQ(session->phase(), Phase::busy);
    EXPECT_TRUE(session->wants_read());
    handler.complete("late");
    EXPECT_EQ(host.resumed, 1);
    session->resumed();
    exchange();
    EXPECT_EQ(client->result(late).body, "late");
    EXPECT_EQ(handler.written, 2);
}

TEST_F(H2SessionTest, ManyLateAnswersAskForOneTurn) {
    start();
    exchange();
    for (int i = 0; i < 5; ++i) {
        client->request("GET", "/later");
    }
    exchange();
    for (int i = 0; i < 5; ++i) {
        handler.complete("late");
    }
    EXPECT_EQ(host.resumed, 1);
    session->resumed();
    exchange();
    EXPECT_EQ(client->open_streams(), 0U);
}

TEST_F(H2SessionTest, ADroppedOrEarlyCompletionIsAnAnswer) {
    start();
    exchange();
    const auto dropped = client->request("GET", "/drop");
    const auto early = client->request("GET", "/early");
    const auto thrown = client->request("GET", "/throw");
    exchange();
    EXPECT_EQ(status(dropped), "500");
    EXPECT_EQ(client->result(early).body, "early");
    EXPECT_EQ(client->result(thrown).body, "internal error\n");
    EXPECT_EQ(host.resumed, 0);
}

TEST_F(H2SessionTest, AnAnswerToAResetStreamIsNotSent) {
    start();
    exchange();
    const auto id = client->request("GET", "/later");
    exchange();
    client->reset(id);
    exchange();
    EXPECT_EQ(session->phase(), Phase::idle);
    handler.complete("late");
    EXPECT_EQ(handler.written, 1);  // it is counted all the same
    session->resumed();
    exchange();
    EXPECT_EQ(status(id), "");
    EXPECT_FALSE(session->finished());
}

TEST_F(H2SessionTest, ACompletionAfterTheEndDoesNothing) {
    start();
    exchange();
    client->request("GET", "/later");
    client->request("GET", "/later");
    exchange();
    session->abandon();
    handler.complete("late");
    EXPECT_EQ(handler.written, 1);
    session.reset();
    handler.complete("late");
    EXPECT_EQ(handler.written, 2);
    EXPECT_EQ(host.resumed, 0);
}

TEST_F(H2SessionTest, ResetStreamsKeepTheirPlaceUntilTheirHandlersAreDone) {
    limits.max_streams = 4;
    limits.max_resets = 100;
    start();
    exchange();
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

TEST_F(H2SessionTest, StreamsBeyondTheLimitAreRefused) {
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

TEST_F(H2SessionTest, TenThousandStreamsLeaveNothingBehind) {
    start();
    exchange();
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

TEST_F(H2SessionTest, RapidResetsEndTheConnection) {
    limits.max_resets = 20;
    limits.resets_per_second = 1;
    start();
    exchange();
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

TEST_F(H2SessionTest, ResetsThatTheServerIsMadeToSendCountToo) {
    limits.max_resets = 20;
    limits.resets_per_second = 1;
    start();
    exchange();
    for (int i = 0; i <= 20; ++i) {
        client->request_with({{":method", "GET"}, {":scheme", "https"}, {":path", "/"}});
        exchange();
        EXPECT_EQ(client->goaway().has_value(), i == 20) << i;
    }
    EXPECT_EQ(client->goaway(), NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST_F(H2SessionTest, ResetsAtTheAllowedRateGoOnForEver) {
    limits.max_resets = 2;
    limits.resets_per_second = 1;
    start();
    exchange();
    for (int i = 0; i < 50; ++i) {
        const auto id = client->request("GET", "/later");
        exchange();
        client->reset(id);
        exchange();
        clock.advance(1s);
    }
    EXPECT_FALSE(client->goaway());
}

TEST_F(H2SessionTest, FloodsOfFramesThatAskForNothingEndTheConnection) {
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

TEST_F(H2SessionTest, EmptyDataFramesAreAFloodToo) {
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

TEST_F(H2SessionTest, AFloodOfContinuationsEndsTheConnection) {
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

TEST_F(H2SessionTest, WhatIsNoHttp2EndsTheConnection) {
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

TEST_F(H2SessionTest, APingIsAnsweredBeforeWhatWaitsForAWindow) {
    H2ClientOptions narrow;
    narrow.window = 10;
    narrow.opens_windows = false;
    handler.big_bytes = 1000;
    start(narrow);
    exchange();
    client->request("GET", "/big");
    client->request("GET", "/later");
    exchange();
    client->ping();
    exchange();
    EXPECT_EQ(client->pongs(), 1);
}

TEST_F(H2SessionTest, AnswersFlowAsTheClientOpensItsWindow) {
    H2ClientOptions narrow;
    narrow.window = 10;
    narrow.opens_windows = false;
    handler.big_bytes = 25;
    start(narrow);
    exchange();
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

TEST_F(H2SessionTest, AnAnswerThatIsNotReadIsResetInTheEnd) {
    H2ClientOptions narrow;
    narrow.window = 10;
    narrow.opens_windows = false;
    handler.big_bytes = 25;
    start(narrow);
    exchange();
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

TEST_F(H2SessionTest, RequestsWaitWhileAnswersAreNotRead) {
    limits.max_pipelined_bytes = 1000;
    H2ClientOptions narrow;
    narrow.window = 0;
    narrow.opens_windows = false;
    handler.big_bytes = 1001;
    start(narrow);
    exchange();
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

TEST_F(H2SessionTest, StopsReadingWhileItsOutputIsNotWritten) {
    limits.max_pipelined_bytes = 1000;
    handler.big_bytes = 1001;
    start();
    exchange();
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

TEST_F(H2SessionTest, ABodyMustBeCompleteInItsTime) {
    start();
    exchange();
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

TEST_F(H2SessionTest, AHeaderBlockMustBeCompleteInItsTime) {
    start();
    receive(test::h2_preface() + h2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, "\x82"));
    deliver();
    pass_time(20s);
    deliver();
    EXPECT_EQ(client->goaway(), NGHTTP2_PROTOCOL_ERROR);
    EXPECT_EQ(limit(Limit::header_timeout), 1U);
    EXPECT_TRUE(session->finished());
}

TEST_F(H2SessionTest, AClientThatNeverBeginsIsLetGo) {
    start();
    deliver();
    EXPECT_EQ(session->phase(), Phase::head);
    session->timed_out();
    deliver();
    EXPECT_EQ(client->goaway(), NGHTTP2_SETTINGS_TIMEOUT);
    EXPECT_TRUE(session->finished());
}

TEST_F(H2SessionTest, DrainsInTwoStepsAndFinishesWhatIsInFlight) {
    start();
    exchange();
    const auto in_flight = client->request("GET", "/later");
    exchange();
    EXPECT_FALSE(session->drain());
    const auto crossing = client->request("GET", "/crossing");  // sent before the notice came
    const std::string said = client->take();
    deliver();
    EXPECT_EQ(client->goaways(), 1);
    EXPECT_EQ(client->last_stream(), 0x7fffffff);
    receive(said);
    deliver();
    EXPECT_EQ(status(crossing), "200");
    exchange();  // the round trip
    EXPECT_EQ(client->goaways(), 2);
    EXPECT_EQ(client->goaway(), NGHTTP2_NO_ERROR);
    EXPECT_EQ(client->last_stream(), crossing);
    EXPECT_FALSE(session->finished());
    handler.complete("late");
    session->resumed();
    exchange();
    EXPECT_EQ(client->result(in_flight).body, "late");
    EXPECT_TRUE(session->finished());
}

TEST_F(H2SessionTest, DoesNotWaitLongForTheRoundTripOfTheEnd) {
    start();
    client->request("GET", "/1");
    exchange();
    EXPECT_FALSE(session->drain());
    deliver();
    EXPECT_FALSE(session->finished());
    pass_time(999ms);
    EXPECT_EQ(session->output(), "");
    pass_time(1ms);
    EXPECT_EQ(session->output(), h2_frame(NGHTTP2_GOAWAY, 0, 0, std::string("\0\0\0\1\0\0\0\0", 8)));
    deliver();
    EXPECT_TRUE(session->finished());
}

TEST_F(H2SessionTest, AnswersTheFirstRequestOfWhoConnectsWhileTheServerStops) {
    start();
    context->draining = true;
    session = std::make_shared<H2Session>(context, host, "192.0.2.1:5");
    exchange();
    pass_time(1999ms);
    exchange();
    EXPECT_FALSE(client->goaway());
    EXPECT_FALSE(session->finished());
    const auto id = client->request("GET", "/1");
    exchange();
    EXPECT_EQ(status(id), "200");
    EXPECT_EQ(client->goaway(), NGHTTP2_NO_ERROR);
    EXPECT_TRUE(session->finished());
}

TEST_F(H2SessionTest, AnswersTheFirstRequestOfWhoConnectedJustBeforeTheServerStops) {
    start();
    exchange();
    EXPECT_FALSE(session->drain());
    exchange();
    EXPECT_FALSE(client->goaway());
    const auto id = client->request("GET", "/1");
    exchange();
    EXPECT_EQ(status(id), "200");
    EXPECT_TRUE(session->finished());
}

TEST_F(H2SessionTest, DoesNotWaitLongForAFirstRequestWhenTheServerStops) {
    start();
    exchange();
    EXPECT_FALSE(session->drain());
    exchange();
    pass_time(2s);
    exchange();
    EXPECT_EQ(client->goaway(), NGHTTP2_NO_ERROR);
    EXPECT_TRUE(session->finished());
}

TEST_F(H2SessionTest, EndsAtOnceWithWhoHasLongBeenSilentWhenTheServerStops) {
    start();
    exchange();
    pass_time(2s);
    EXPECT_FALSE(session->drain());
    exchange();
    EXPECT_EQ(client->goaway(), NGHTTP2_NO_ERROR);
    EXPECT_TRUE(session->finished());
}

TEST_F(H2SessionTest, DrainsAfterTheNumberOfRequests) {
    limits.max_requests_per_connection = 2;
    start();
    exchange();
    const auto first = client->request("GET", "/1");
    exchange();
    EXPECT_FALSE(client->goaway());
    const auto second = client->request("GET", "/2");
    exchange();
    EXPECT_EQ(status(first) + status(second), "200200");
    EXPECT_EQ(client->goaway(), NGHTTP2_NO_ERROR);
    EXPECT_TRUE(session->finished());
    EXPECT_EQ(limit(Limit::requests_per_connection), 1U);
}

TEST_F(H2SessionTest, AHandlerMayEndTheConnection) {
    start();
    exchange();
    const auto id = client->request("GET", "/close");
    exchange();
    EXPECT_EQ(status(id), "200");
    EXPECT_EQ(client->goaway(), NGHTTP2_NO_ERROR);
    EXPECT_TRUE(session->finished());
}

TEST_F(H2SessionTest, TheEndOfTheClientEndsItAfterTheAnswers) {
    start();
    exchange();
    const auto id = client->request("GET", "/later");
    exchange();
    session->received_end();
    EXPECT_FALSE(session->finished());
    EXPECT_FALSE(session->wants_read());
    handler.complete("late");
    session->resumed();
    deliver();
    EXPECT_EQ(client->result(id).body, "late");
    EXPECT_TRUE(session->finished());
}

}  // namespace
}  // namespace arngate::http
