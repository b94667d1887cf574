#include "daemon/http/h2_session.hpp"

#include "tests/daemon/http/h2_session_frame.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace arngate::http {
namespace {

using namespace std::chrono_literals;
using test::h2_frame;
using test::H2Fields;

class H2SessionTest : public test::H2SessionFrame {};

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
    connect();
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
    connect();
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
    connect();
    for (int i = 0; i < 64; ++i) {  // four times the window
        const auto id = client->request("POST", "/b", std::string(limits.max_body_bytes, 'b'));
        exchange();
        ASSERT_EQ(status(id), "200") << i;
    }
}

TEST_F(H2SessionTest, TakesAHeaderListAtTheLimitAndNoneBeyond) {
    limits.max_header_bytes = 500;
    connect();
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
    connect();
    const auto good = client->request_with(fields({}), "body", {{"checksum", "1"}});
    const auto beyond = client->request_with(fields({}), "body", {{"n", std::string(limits.max_header_bytes, 'v')}});
    exchange();
    EXPECT_EQ(client->result(good).body, "POST /a? body");
    EXPECT_EQ(status(beyond), "431");
}

TEST_F(H2SessionTest, RefusesWhatMayBeReadInTwoWays) {
    const std::vector<H2Fields> heads{
        {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}, {"host", "b"}},
        {{":method", "GET"}, {":scheme", "ftp"}, {":authority", "a"}, {":path", "/"}},
        {{":method", "OPTIONS"}, {":scheme", "https"}, {":authority", "a"}, {":path", "*"}},
        {{":method", "CONNECT"}, {":authority", "a:443"}},
    };
    connect();
    for (const auto& head : heads) {
        const auto id = client->request_with(head);
        exchange();
        EXPECT_EQ(status(id), "400") << head.back().second;
    }
    EXPECT_TRUE(handler.seen.empty());
    EXPECT_EQ(status(client->request("GET", "/")), "");
}

// RFC 9113, section 8.3.1, calls it malformed: newer versions of nghttp2 reset the stream, older ones leave it to us.
TEST_F(H2SessionTest, RefusesUserInformationInTheAuthority) {
    connect();
    const auto id =
        client->request_with({{":method", "GET"}, {":scheme", "https"}, {":authority", "user@a"}, {":path", "/"}});
    exchange();
    const bool is_reset = client->result(id).reset == NGHTTP2_PROTOCOL_ERROR;
    EXPECT_EQ(status(id), is_reset ? "" : "400");
    EXPECT_TRUE(handler.seen.empty());
    const auto good = client->request("GET", "/");
    exchange();
    EXPECT_EQ(status(good), "200");
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
    connect();
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
    connect();
    const auto less = client->request_with(fields({{"content-length", "5"}}), "body");
    const auto more = client->request_with(fields({{"content-length", "3"}}), "body");
    exchange();
    EXPECT_EQ(client->result(less).reset, NGHTTP2_PROTOCOL_ERROR);
    EXPECT_EQ(client->result(more).reset, NGHTTP2_PROTOCOL_ERROR);
    EXPECT_TRUE(handler.seen.empty());
}

TEST_F(H2SessionTest, TakesHostInPlaceOfAuthorityAndMethodsOfAnyName) {
    connect();
    const auto id = client->request_with({{":method", "BREW"}, {":scheme", "https"}, {":path", "/pot"}, {"host", "x"}});
    exchange();
    EXPECT_EQ(client->result(id).body, "BREW /pot? ");
}

TEST_F(H2SessionTest, HeadGetsNoBody) {
    connect();
    const auto id = client->request("HEAD", "/h");
    exchange();
    EXPECT_EQ(status(id), "200");
    EXPECT_EQ(client->result(id).headers.at("content-length"), "9");
    EXPECT_EQ(client->result(id).body, "");
    EXPECT_TRUE(client->result(id).complete);
}

TEST_F(H2SessionTest, SaysContinueToAClientThatWaits) {
    connect();
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
    connect();
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
    connect();
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
    connect();
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
    connect();
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
    connect();
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

TEST_F(H2SessionTest, DrainsInTwoStepsAndFinishesWhatIsInFlight) {
    connect();
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
    connect();
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
    connect();
    EXPECT_FALSE(session->drain());
    exchange();
    EXPECT_FALSE(client->goaway());
    const auto id = client->request("GET", "/1");
    exchange();
    EXPECT_EQ(status(id), "200");
    EXPECT_TRUE(session->finished());
}

TEST_F(H2SessionTest, DoesNotWaitLongForAFirstRequestWhenTheServerStops) {
    connect();
    EXPECT_FALSE(session->drain());
    exchange();
    pass_time(2s);
    exchange();
    EXPECT_EQ(client->goaway(), NGHTTP2_NO_ERROR);
    EXPECT_TRUE(session->finished());
}

TEST_F(H2SessionTest, EndsAtOnceWithWhoHasLongBeenSilentWhenTheServerStops) {
    connect();
    pass_time(2s);
    EXPECT_FALSE(session->drain());
    exchange();
    EXPECT_EQ(client->goaway(), NGHTTP2_NO_ERROR);
    EXPECT_TRUE(session->finished());
}

TEST_F(H2SessionTest, DrainsAfterTheNumberOfRequests) {
    limits.max_requests_per_connection = 2;
    connect();
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
    connect();
    const auto id = client->request("GET", "/close");
    exchange();
    EXPECT_EQ(status(id), "200");
    EXPECT_EQ(client->goaway(), NGHTTP2_NO_ERROR);
    EXPECT_TRUE(session->finished());
}

TEST_F(H2SessionTest, TheEndOfTheClientEndsItAfterTheAnswers) {
    connect();
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
