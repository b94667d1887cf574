#include "core/net/https_pool.hpp"

#include "tests/core/net/pool_fixture.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <deque>
#include <string>

namespace arngate::net::test {
namespace {

// Limits, queue, deadlines, the end.
using HttpsPoolLimitsTest = PoolTest;

Deadline already_over() {
    return Deadline(SteadyTime());
}

TEST_F(HttpsPoolLimitsTest, OpensNoMoreThanItMayAndServesTheQueueInOrder) {
    Gate gate(io);
    server.script(
        {read(),
         wait(gate),
         send(answer(200, "first")),
         read(),
         send(answer(200, "second")),
         read(),
         send(answer(200, "third"))}
    );
    auto all = options();
    all.max_connections_per_endpoint = 1;
    all.max_waiting_per_endpoint = 2;
    const auto pool = make_pool(all);
    auto first = start(*pool);
    run_until(io, [this] { return server.requests().size() == 1; });
    auto second = start(*pool);
    run_until(io, [this] { return metrics->waiting.value() == 1; });
    auto third = start(*pool);
    run_until(io, [this] { return metrics->waiting.value() == 2; });
    expect_failure(exchange(*pool), Reason::overloaded, "too many requests wait");

    gate.open();
    expect_ok(first.get(), "first");
    expect_ok(second.get(), "second");
    expect_ok(third.get(), "third");
    EXPECT_EQ(server.accepted(), 1U);
    EXPECT_EQ(metrics->waiting.value(), 0);
    EXPECT_EQ(metrics->idle.value(), 1);
}

TEST_F(HttpsPoolLimitsTest, OpensAsManyAsItMay) {
    Gate gate(io);
    server.script({read(), wait(gate), send(answer(200, "ok"))});
    server.script({read(), wait(gate), send(answer(200, "ok"))});
    auto all = options();
    all.max_connections_per_endpoint = 2;
    const auto pool = make_pool(all);
    auto first = start(*pool);
    run_until(io, [this] { return server.requests().size() == 1; });
    auto second = start(*pool);
    run_until(io, [this] { return server.requests().size() == 2; });
    EXPECT_EQ(metrics->open.value(), 2);
    gate.open();
    expect_ok(first.get());
    // The gate wakes those that wait when it opens, so both scripts go on.
    expect_ok(second.get());
    EXPECT_EQ(metrics->idle.value(), 2);
}

TEST_F(HttpsPoolLimitsTest, APlaceWhoseConnectionBrokeGoesToTheNextInTheQueue) {
    Gate gate(io);
    server.script({read(), wait(gate), cut()});
    auto all = options();
    all.max_connections_per_endpoint = 1;
    const auto pool = make_pool(all);
    auto first = start(*pool);
    run_until(io, [this] { return server.requests().size() == 1; });
    auto second = start(*pool);
    run_until(io, [this] { return metrics->waiting.value() == 1; });
    gate.open();
    expect_failure(first.get(), Reason::sts_unreachable, "connection closed");
    expect_ok(second.get());
    EXPECT_EQ(server.accepted(), 2U);
    // No place was lost on the way.
    expect_ok(exchange(*pool));
}

TEST_F(HttpsPoolLimitsTest, EndpointsHavePlacesOfTheirOwn) {
    Gate gate(io);
    server.script({read(), wait(gate), send(answer(200, "first"))});
    auto all = options();
    all.max_connections_per_endpoint = 1;
    all.max_waiting_per_endpoint = 0;
    const auto pool = make_pool(all);
    auto first = start(*pool);
    run_until(io, [this] { return server.requests().size() == 1; });
    const Endpoint other{.host = "sts.eu-west-1.amazonaws.com", .port = 443};
    // Its certificate is another's, so it gets as far as the handshake: it was not kept waiting.
    expect_failure(run(io, pool->exchange(other, get(), far_away())), Reason::sts_unreachable, "TLS handshake");
    gate.open();
    expect_ok(first.get(), "first");
}

TEST_F(HttpsPoolLimitsTest, ADeadlineThatIsOverEndsAtOnce) {
    const auto pool = make_pool(options());
    expect_failure(exchange(*pool, already_over()), Reason::sts_unreachable, "timed out");
    EXPECT_EQ(metrics->failed.value(), 1U);
    EXPECT_EQ(metrics->open.value(), 0);
}

TEST_F(HttpsPoolLimitsTest, AnAnswerThatDoesNotComeEndsWithTheDeadline) {
    server.script({read(), send(answer(200, "ok"))});
    const auto pool = make_pool(options());
    expect_ok(exchange(*pool));
    // The connection is there; the server is given no time to answer.
    expect_failure(exchange(*pool, already_over()), Reason::sts_unreachable, "timed out");
    EXPECT_EQ(metrics->open.value(), 0);
    EXPECT_EQ(server.accepted(), 1U);
}

/// Connections that answer two requests and keep silent after the third until the gate is open.
class HttpsPoolDeadlineTest : public HttpsPoolLimitsTest {
protected:
    HttpsPoolDeadlineTest() {
        for (int connection = 0; connection < 20; ++connection) {
            server.script(
                {read(),
                 send(answer(200, "ok")),
                 read(),
                 send(answer(200, "ok")),
                 read(),
                 wait(gate),
                 send(answer(200, "late"))}
            );
        }
    }
    /// Has a connection answer two requests, the second one within a deadline that is short, but not too short.
    [[nodiscard]] Deadline answer_in_time(HttpsPool& pool) {
        for (auto span = std::chrono::milliseconds(10);; span *= 2) {
            expect_ok(exchange(pool));
            const Deadline deadline = Deadline::after(span);
            if (exchange(pool, deadline)) {
                return deadline;
            }
        }
    }

    Gate gate{io};
};

TEST_F(HttpsPoolDeadlineTest, TheDeadlineOfAnEarlierRequestDoesNotEndTheNextOne) {
    const auto pool = make_pool(options());
    const Deadline earlier = answer_in_time(*pool);
    auto next = start(*pool);
    run_until(io, [&] {
        io.poll();
        return earlier.passed();
    });
    EXPECT_FALSE(next.done());
    gate.open();
    expect_ok(next.get(), "late");
}

TEST_F(HttpsPoolDeadlineTest, ALaterDeadlineThanThatOfAnEarlierRequestHoldsAsWell) {
    const auto pool = make_pool(options());
    const Deadline earlier = answer_in_time(*pool);
    const Deadline later(earlier.at() + std::chrono::milliseconds(20));
    expect_failure(exchange(*pool, later), Reason::sts_unreachable, "timed out");
    EXPECT_TRUE(later.passed());
}

TEST_F(HttpsPoolLimitsTest, AHandshakeThatDoesNotComeEndsWithTheConnectTimeout) {
    // Accepted by the kernel, read by nobody.
    const boost::asio::ip::tcp::acceptor silent(io, {boost::asio::ip::address_v4::loopback(), 0});
    auto all = options();
    all.connect_to[0].to.port = silent.local_endpoint().port();
    all.connect_timeout = std::chrono::milliseconds(1);
    const auto pool = make_pool(all);
    expect_failure(exchange(*pool), Reason::sts_unreachable, "timed out");
    EXPECT_EQ(metrics->failed.value(), 1U);
}

TEST_F(HttpsPoolLimitsTest, WaitingEndsWithTheDeadline) {
    Gate gate(io);
    server.script({read(), wait(gate), send(answer(200, "ok"))});
    auto all = options();
    all.max_connections_per_endpoint = 1;
    const auto pool = make_pool(all);
    auto first = start(*pool);
    run_until(io, [this] { return server.requests().size() == 1; });
    expect_failure(exchange(*pool, already_over()), Reason::overloaded, "became free in time (all 1 in use)");
    EXPECT_EQ(metrics->waiting.value(), 0);
    gate.open();
    expect_ok(first.get());
}

TEST_F(HttpsPoolLimitsTest, IdleConnectionsEndWithTheirTimeout) {
    auto all = options();
    all.idle_timeout = std::chrono::seconds(0);
    const auto pool = make_pool(all);
    expect_ok(exchange(*pool));
    run_until(io, [this] { return metrics->idle.value() == 0 && server.ended() == 1; });
    EXPECT_EQ(metrics->open.value(), 0);
    expect_ok(exchange(*pool));
    EXPECT_EQ(server.accepted(), 2U);
}

TEST_F(HttpsPoolLimitsTest, CloseEndsWhatWaitsAndLetsTheBusyFinish) {
    Gate gate(io);
    server.script({read(), wait(gate), send(answer(200, "ok"))});
    auto all = options();
    all.max_connections_per_endpoint = 1;
    const auto pool = make_pool(all);
    auto busy = start(*pool);
    run_until(io, [this] { return server.requests().size() == 1; });
    auto waiting = start(*pool);
    run_until(io, [this] { return metrics->waiting.value() == 1; });
    pool->close();
    expect_failure(waiting.get(), Reason::overloaded, "shutting down");
    expect_failure(exchange(*pool), Reason::overloaded, "shutting down");
    EXPECT_FALSE(busy.done());
    gate.open();
    expect_ok(busy.get());
    EXPECT_EQ(metrics->open.value(), 0);
    EXPECT_EQ(metrics->waiting.value(), 0);
}

TEST_F(HttpsPoolLimitsTest, TheLoopRunsOutAfterClose) {
    const auto pool = make_pool(options());
    expect_ok(exchange(*pool));
    EXPECT_EQ(metrics->idle.value(), 1);
    pool->close();
    EXPECT_EQ(metrics->idle.value(), 0);
    EXPECT_EQ(metrics->open.value(), 0);
    server.stop();
    // Would wait for the idle timeout, 90 s, if anything of the pool were left; CTest's own limit is the judge.
    io.restart();
    io.run();
}

TEST_F(HttpsPoolLimitsTest, ThePoolMayEndBeforeItsRequests) {
    Gate gate(io);
    server.script({read(), wait(gate), send(answer(200, "ok"))});
    auto pool = make_pool(options());
    auto busy = start(*pool);
    run_until(io, [this] { return server.requests().size() == 1; });
    pool.reset();
    gate.open();
    expect_ok(busy.get());
}

TEST_F(HttpsPoolLimitsTest, TheLoopMayEndBeforeItsRequests) {
    auto all = options();
    all.max_connections_per_endpoint = 1;
    Gate never(io);
    server.script({read(), wait(never)});
    const auto pool = make_pool(all);
    std::deque<Running<Result<HttpResponse>>> running;
    running.push_back(start(*pool));
    run_until(io, [this] { return server.requests().size() == 1; });
    running.push_back(start(*pool));
    running.push_back(start(*pool));
    run_until(io, [this] { return metrics->waiting.value() == 2; });
    // What is left is destroyed with the loop, in any order; the sanitizers judge.
}

}  // namespace
}  // namespace arngate::net::test
