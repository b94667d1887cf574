#include "core/net/https_pool.hpp"

#include "core/base/version.hpp"
#include "tests/core/net/pool_fixture.hpp"

#include <string>
#include <vector>

namespace arngate::net::test {
namespace {

using HttpsPoolTest = PoolTest;

TEST_F(HttpsPoolTest, SendsTheRequestAndGivesTheAnswer) {
    server.script({read(), send(answer(403, "no"))});
    const auto pool = make_pool(options());
    HttpRequest request = get();
    request.headers.emplace_back("accept", "application/json");
    const auto result = run(io, pool->exchange(endpoint(), std::move(request), far_away()));
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_EQ(result->status, 403);
    EXPECT_EQ(result->content_type, "application/json");
    EXPECT_EQ(result->body, "no");
    ASSERT_EQ(server.requests().size(), 1U);
    EXPECT_EQ(
        server.requests()[0],
        "GET /?X-Amz-Signature=f00dfeed HTTP/1.1\r\nHost: sts.us-east-1.amazonaws.com\r\nUser-Agent: arngate/" +
            std::string(version()) + "\r\naccept: application/json\r\n\r\n"
    );
    EXPECT_EQ(server.last_sni(), server_name);
}

TEST_F(HttpsPoolTest, FollowsNoRedirect) {
    server.script({read(), send(answer(302, "", "Location: https://elsewhere.example/\r\n"))});
    const auto pool = make_pool(options());
    const auto result = exchange(*pool);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->status, 302);
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(HttpsPoolTest, UsesAConnectionAgain) {
    const auto pool = make_pool(options());
    expect_ok(exchange(*pool));
    EXPECT_EQ(metrics->idle.value(), 1);
    expect_ok(exchange(*pool));
    expect_ok(exchange(*pool));
    EXPECT_EQ(server.accepted(), 1U);
    EXPECT_EQ(server.requests().size(), 3U);
    EXPECT_EQ(metrics->opened.value(), 1U);
    EXPECT_EQ(metrics->reused.value(), 2U);
    EXPECT_EQ(metrics->open.value(), 1);
}

TEST_F(HttpsPoolTest, DoesNotUseAConnectionAgainThatTheAnswerEnds) {
    server.script({read(), send(answer(200, "ok", "Connection: close\r\n"))});
    const auto pool = make_pool(options());
    expect_ok(exchange(*pool));
    EXPECT_EQ(metrics->open.value(), 0);
    expect_ok(exchange(*pool));
    EXPECT_EQ(server.accepted(), 2U);
    EXPECT_EQ(metrics->reused.value(), 0U);
}

TEST_F(HttpsPoolTest, DropsAConnectionThatBroughtMoreThanTheAnswer) {
    server.script({read(), send(answer(200, "ok") + answer(200, "forged"))});
    const auto pool = make_pool(options());
    expect_ok(exchange(*pool));
    expect_ok(exchange(*pool));
    EXPECT_EQ(server.accepted(), 2U);
}

TEST_F(HttpsPoolTest, DropsAConnectionThatBroughtBytesWhileIdle) {
    Gate gate(io);
    server.script({read(), send(answer(200, "ok")), wait(gate), send(answer(200, "forged")), close()});
    const auto pool = make_pool(options());
    expect_ok(exchange(*pool));
    gate.open();
    // A second request, over another pool, is answered after the unasked bytes were sent.
    const auto other = make_pool(options());
    expect_ok(exchange(*other));
    expect_ok(exchange(*pool));
    EXPECT_EQ(server.accepted(), 3U);
}

TEST_F(HttpsPoolTest, RepeatsARequestThatFoundItsConnectionStale) {
    server.script({read(), send(answer(200, "one")), read(), cut()});
    server.script({read(), send(answer(200, "two"))});
    const auto pool = make_pool(options());
    expect_ok(exchange(*pool), "one");
    expect_ok(exchange(*pool), "two");
    EXPECT_EQ(server.accepted(), 2U);
    ASSERT_EQ(server.requests().size(), 3U);
    EXPECT_EQ(server.requests()[1], server.requests()[2]);
    EXPECT_EQ(metrics->open.value(), 1);
}

TEST_F(HttpsPoolTest, RepeatsARequestOnlyOnce) {
    server.script({read(), send(answer(200, "one")), read(), cut()});
    server.script({read(), cut()});
    const auto pool = make_pool(options());
    expect_ok(exchange(*pool), "one");
    expect_failure(exchange(*pool), Reason::sts_unreachable, "connection closed");
    EXPECT_EQ(server.accepted(), 2U);
    EXPECT_EQ(metrics->open.value(), 0);
}

TEST_F(HttpsPoolTest, DoesNotRepeatOnceTheAnswerHasBegun) {
    server.script({read(), send(answer(200, "one")), read(), send("HTTP/1.1 2"), close()});
    const auto pool = make_pool(options());
    expect_ok(exchange(*pool), "one");
    expect_failure(exchange(*pool), Reason::sts_unreachable, "connection closed");
    EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(HttpsPoolTest, DoesNotRepeatOnANewConnection) {
    server.script({read(), close()});
    const auto pool = make_pool(options());
    expect_failure(exchange(*pool), Reason::sts_unreachable, "answer of sts.us-east-1.amazonaws.com:443");
    EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(HttpsPoolTest, AnAnswerThatBreaksOffAfterItsHeadersIsUnavailable) {
    server.script({read(), send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), close()});
    const auto pool = make_pool(options());
    expect_failure(exchange(*pool), Reason::sts_unavailable, "connection closed");
}

TEST_F(HttpsPoolTest, ABodyWithoutLengthEndsWithTls) {
    server.script({read(), send("HTTP/1.1 200 OK\r\n\r\nwhole"), close()});
    const auto pool = make_pool(options());
    expect_ok(exchange(*pool), "whole");
    EXPECT_EQ(metrics->open.value(), 0);
}

TEST_F(HttpsPoolTest, ABodyWithoutLengthThatIsCutIsNoAnswer) {
    server.script({read(), send("HTTP/1.1 200 OK\r\n\r\nwho knows"), cut()});
    const auto pool = make_pool(options());
    expect_failure(exchange(*pool), Reason::sts_unavailable, "connection closed");
}

TEST_F(HttpsPoolTest, RefusesGarbageAndExcess) {
    auto all = options();
    all.max_response_bytes = 10;
    all.max_header_bytes = 256;
    server.script({read(), send("SSH-2.0-OpenSSH\r\n\r\n")});
    server.script({read(), send(answer(200, std::string(11, 'x')))});
    server.script({read(), send(answer(200, "ok", "X: " + std::string(256, 'x') + "\r\n"))});
    server.script({read(), send(answer(200, std::string(10, 'x')))});
    const auto pool = make_pool(all);
    expect_failure(exchange(*pool), Reason::sts_bad_answer, "not HTTP");
    expect_failure(exchange(*pool), Reason::sts_bad_answer, "too large");
    expect_failure(exchange(*pool), Reason::sts_bad_answer, "too large");
    expect_ok(exchange(*pool), std::string(10, 'x'));
    EXPECT_EQ(server.accepted(), 4U);
}

TEST_F(HttpsPoolTest, TakesAnAnswerInPieces) {
    Gate gate(io);
    server.script({read(), send("HTTP/1.1 200 OK\r\nConte"), wait(gate), send("nt-Length: 2\r\n\r\no"), send("k")});
    const auto pool = make_pool(options());
    auto running = start(*pool);
    run_until(io, [this] { return server.requests().size() == 1; });
    EXPECT_FALSE(running.done());
    gate.open();
    expect_ok(running.get());
}

TEST_F(HttpsPoolTest, RefusesAMalformedRequestBeforeItConnects) {
    const auto pool = make_pool(options());
    HttpRequest request = get();
    request.headers.emplace_back("x-k8s-aws-id", "a\r\nHost: b");
    const auto result = run(io, pool->exchange(endpoint(), std::move(request), far_away()));
    expect_failure(result, Reason::internal_error, "header");
    EXPECT_EQ(server.accepted(), 0U);
}

}  // namespace
}  // namespace arngate::net::test
