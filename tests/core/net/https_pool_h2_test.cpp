#include "tests/core/net/h2_test_server.hpp"
#include "tests/core/net/pool_fixture.hpp"

#include <fmt/format.h>
#include <nghttp2/nghttp2.h>

#include <chrono>
#include <deque>
#include <string>
#include <vector>

namespace arngate::net::test {
namespace {

using Connection = H2TestServer::Connection;

class HttpsPoolH2Test : public PoolTest {
protected:
    HttpsPoolH2Test() : h2(io, ca().issue({fmt::format("DNS:{}", server_name)})) {}

    [[nodiscard]] HttpsPoolOptions h2_options() const {
        HttpsPoolOptions all = options();
        all.connect_to = {{.from = {.host = {}, .port = 443}, .to = {.host = "127.0.0.1", .port = h2.port()}}};
        all.http2 = true;
        all.ping_after = std::chrono::minutes(5);
        all.ping_timeout = std::chrono::minutes(5);
        return all;
    }
    /// Requests are kept: their numbers, in the order of arrival, of one connection after the other.
    void hold() {
        h2.behave([this](Connection& connection, const Frame& frame) {
            if (frame.type == FrameType::headers) {
                held.emplace_back(&connection, frame.stream);
            }
        });
    }
    void answer_all() {
        h2.behave([](Connection& connection, const Frame& frame) {
            if (frame.type == FrameType::headers) {
                connection.send(whole_answer(frame.stream));
            }
        });
        for (const auto& [connection, stream] : held) {
            connection->send(whole_answer(stream));
        }
        held.clear();
    }
    [[nodiscard]] std::deque<Running<Result<HttpResponse>>> start_many(HttpsPool& pool, std::size_t count) {
        std::deque<Running<Result<HttpResponse>>> all;
        for (std::size_t i = 0; i < count; ++i) {
            all.push_back(start(pool));
        }
        return all;
    }

    H2TestServer h2;
    std::vector<std::pair<Connection*, std::uint32_t>> held;
};

TEST_F(HttpsPoolH2Test, SendsManyRequestsAtOnceOverOneConnection) {
    hold();
    const auto pool = make_pool(h2_options());
    auto all = start_many(*pool, 100);
    run_until(io, [&] { return held.size() == 100; });
    EXPECT_EQ(metrics->streams.value(), 100);
    answer_all();
    for (auto& one : all) {
        expect_ok(one.get());
    }
    EXPECT_EQ(h2.accepted(), 1U);
    EXPECT_EQ(metrics->opened.value(), 1U);
    EXPECT_EQ(metrics->reused.value(), 99U);
    EXPECT_EQ(metrics->streams.value(), 0);
    EXPECT_EQ(metrics->waiting.value(), 0);
    EXPECT_EQ(metrics->open.value(), 1);
    EXPECT_EQ(metrics->idle.value(), 1);
}

TEST_F(HttpsPoolH2Test, OpensFewConnectionsForAHerd) {
    const auto pool = make_pool(h2_options());
    auto all = start_many(*pool, 4000);
    for (auto& one : all) {
        expect_ok(one.get());
    }
    // Each takes 250 at once, and all that came before the first had an answer to give was answered at once.
    EXPECT_LE(h2.accepted(), 16U);
    EXPECT_EQ(metrics->waiting.value(), 0);
}

TEST_F(HttpsPoolH2Test, OpensAnotherConnectionOnlyWhenThoseThereAreAreFull) {
    hold();
    h2.use_settings(setting(max_concurrent_streams, 10));
    const auto pool = make_pool(h2_options());
    auto first = start_many(*pool, 10);
    run_until(io, [&] { return held.size() == 10; });
    EXPECT_EQ(h2.accepted(), 1U);
    auto more = start_many(*pool, 11);
    run_until(io, [&] { return held.size() == 21; });
    EXPECT_EQ(h2.accepted(), 3U);
    answer_all();
    for (auto& one : more) {
        expect_ok(one.get());
    }
}

TEST_F(HttpsPoolH2Test, WaitsForRoomWhenThereMayBeNoMoreConnections) {
    h2.use_settings(setting(max_concurrent_streams, 2));
    HttpsPoolOptions all_options = h2_options();
    all_options.max_connections_per_endpoint = 2;
    all_options.max_waiting_per_endpoint = 1;
    const auto pool = make_pool(all_options);
    expect_ok(exchange(*pool));  // the server's limit is known
    hold();
    auto busy = start_many(*pool, 4);
    run_until(io, [&] { return held.size() == 4; });
    EXPECT_EQ(h2.accepted(), 2U);
    auto waiting = start_many(*pool, 3);  // as many as may have a connection over HTTP/1.1, and one more
    auto refused = start(*pool);
    expect_failure(refused.get(), Reason::overloaded, "too many requests wait");
    const auto late = exchange(*pool, Deadline::after(std::chrono::seconds(0)));
    expect_failure(late, Reason::overloaded, "too many requests wait");
    answer_all();
    for (auto& one : waiting) {
        expect_ok(one.get());
    }
    EXPECT_EQ(h2.accepted(), 2U);
}

TEST_F(HttpsPoolH2Test, DoesNotStormAServerThatTakesNothing) {
    h2.use_settings(setting(max_concurrent_streams, 0));
    const auto pool = make_pool(h2_options());
    auto one = start(*pool, Deadline::after(std::chrono::milliseconds(100)));
    static_cast<void>(one.get());
    EXPECT_LE(h2.accepted(), 2U);
}

TEST_F(HttpsPoolH2Test, FallsBackToHttp11WhereAlpnChoosesNothing) {
    HttpsPoolOptions all_options = options();
    all_options.http2 = true;
    const auto pool = make_pool(all_options);
    auto all = start_many(*pool, 3);
    for (auto& one : all) {
        expect_ok(one.get());
    }
    EXPECT_EQ(server.requests().size(), 3U);
    EXPECT_EQ(server.accepted(), 3U);
    expect_ok(exchange(*pool));
    EXPECT_EQ(server.accepted(), 3U);
}

TEST_F(HttpsPoolH2Test, OffersOnlyHttp11WhenSwitchedOff) {
    HttpsPoolOptions all_options = h2_options();
    all_options.http2 = false;
    const auto pool = make_pool(all_options);
    // The server knows nothing but HTTP/2, and begins with its settings.
    expect_failure(exchange(*pool), Reason::sts_bad_answer, "not HTTP");
}

TEST_F(HttpsPoolH2Test, FailsEveryoneWhoWaitsForAConnectionThatCannotBeMade) {
    HttpsPoolOptions all_options = h2_options();
    all_options.tls.ca_files = {};
    all_options.tls.system_trust = true;
    const auto pool = make_pool(all_options);
    auto all = start_many(*pool, 5);
    for (auto& one : all) {
        expect_failure(one.get(), Reason::sts_unreachable, "certificate verify failed");
    }
    EXPECT_EQ(metrics->failed.value(), 1U);
}

TEST_F(HttpsPoolH2Test, RepeatsElsewhereWhatAServerThatGoesAwayHasNotLookedAt) {
    h2.behave([](Connection& connection, const Frame& frame) {
        if (frame.type != FrameType::headers) {
            return;
        }
        if (connection.index() == 0) {
            if (frame.stream == 3) {
                connection.send(goaway(1) + whole_answer(1, "old"));
            }
        } else {
            connection.send(whole_answer(frame.stream, "new"));
        }
    });
    const auto pool = make_pool(h2_options());
    auto first = start(*pool);
    auto second = start(*pool);
    expect_ok(first.get(), "old");
    expect_ok(second.get(), "new");
    EXPECT_EQ(h2.accepted(), 2U);
    run_until(io, [&] { return h2.ended() == 1; });
}

TEST_F(HttpsPoolH2Test, RepeatsTwiceWhatTheServerRefusesAndThenGivesUp) {
    std::size_t refuse = 2;
    h2.behave([&refuse](Connection& connection, const Frame& frame) {
        if (frame.type == FrameType::headers) {
            const bool refuses = refuse > 0 && refuse-- > 0;
            connection.send(refuses ? rst(frame.stream, NGHTTP2_REFUSED_STREAM) : whole_answer(frame.stream));
        }
    });
    const auto pool = make_pool(h2_options());
    HttpRequest request = get();
    request.method = "POST";
    request.body = "not looked at, so it may be sent again";
    expect_ok(run(io, pool->exchange(endpoint(), std::move(request), far_away())));
    refuse = 3;
    expect_failure(exchange(*pool), Reason::sts_unreachable, "takes no more requests");
    EXPECT_EQ(h2.accepted(), 1U);
}

TEST_F(HttpsPoolH2Test, RepeatsOnceWhatALostConnectionHadNotBegunToAnswer) {
    h2.behave([](Connection& connection, const Frame& frame) {
        if (frame.type == FrameType::headers) {
            if (connection.index() == 0) {
                connection.cut();
            } else {
                connection.send(whole_answer(frame.stream));
            }
        }
    });
    const auto pool = make_pool(h2_options());
    expect_ok(exchange(*pool));
    EXPECT_EQ(h2.accepted(), 2U);

    h2.behave([](Connection& connection, const Frame& frame) {
        if (frame.type == FrameType::headers) {
            connection.cut();
        }
    });
    expect_failure(exchange(*pool), Reason::sts_unreachable, "connection closed");
    EXPECT_EQ(h2.accepted(), 3U);
    HttpRequest request = get();
    request.method = "POST";
    request.body = "may have taken effect";
    const auto posted = run(io, pool->exchange(endpoint(), std::move(request), far_away()));
    expect_failure(posted, Reason::sts_unreachable, "connection closed");
    EXPECT_EQ(h2.accepted(), 4U);
}

TEST_F(HttpsPoolH2Test, DoesNotRepeatAnAnswerThatHadBegun) {
    h2.behave([](Connection& connection, const Frame& frame) {
        if (frame.type == FrameType::headers) {
            connection.send(
                answer_head(frame.stream) + goaway(frame.stream) + rst(frame.stream, NGHTTP2_INTERNAL_ERROR)
            );
        }
    });
    const auto pool = make_pool(h2_options());
    expect_failure(exchange(*pool), Reason::sts_unavailable, "INTERNAL_ERROR");
    EXPECT_EQ(h2.accepted(), 1U);
}

TEST_F(HttpsPoolH2Test, GoesOverToHttp11WhenTheServerWantsIt) {
    H2TestServer both(io, ca().issue({fmt::format("DNS:{}", server_name)}), {"h2", "http/1.1"});
    both.behave([](Connection& connection, const Frame& frame) {
        if (frame.type == FrameType::headers) {
            connection.send(rst(frame.stream, NGHTTP2_HTTP_1_1_REQUIRED));
        }
    });
    HttpsPoolOptions all_options = h2_options();
    all_options.connect_to.front().to.port = both.port();
    const auto pool = make_pool(all_options);
    // The test's server begins with settings on the second connection, too, where they are not HTTP/1.1.
    expect_failure(exchange(*pool), Reason::sts_bad_answer, "not HTTP");
    EXPECT_EQ(both.accepted(), 2U);
}

TEST_F(HttpsPoolH2Test, EndsAnExchangeAtItsDeadlineAndKeepsTheConnection) {
    bool answers = false;
    h2.behave([&answers](Connection& connection, const Frame& frame) {
        if (frame.type == FrameType::headers && answers) {
            connection.send(whole_answer(frame.stream));
        } else if (frame.type == FrameType::ping && frame.flags == 0) {
            connection.send(frame_of_ack(frame));
        }
    });
    const auto pool = make_pool(h2_options());
    auto other = start(*pool);
    run_until(io, [&] { return h2.count(FrameType::headers) == 1; });
    // As long as this machine takes to send it, but not until an answer.
    const auto was_sent = [&] { return h2.count(FrameType::headers) >= 2; };
    for (auto span = std::chrono::milliseconds(20); !was_sent(); span *= 2) {
        auto late = start(*pool, Deadline::after(span));
        run_until(io, [&] { return late.done() || was_sent(); });
        expect_failure(late.get(), Reason::sts_unreachable, "timed out");
    }
    run_until(io, [&] { return h2.count(FrameType::rst_stream) >= 1; });
    answers = true;
    h2.connection(0).send(whole_answer(1));
    expect_ok(other.get());
    expect_ok(exchange(*pool));
    EXPECT_EQ(h2.accepted(), 1U);
}

TEST_F(HttpsPoolH2Test, GivesUpAServerThatShowsNoSignOfLife) {
    h2.behave([](Connection& connection, const Frame& frame) {
        if (connection.index() == 0) {
            return;
        }
        if (frame.type == FrameType::headers) {
            connection.send(whole_answer(frame.stream));
        } else if (frame.type == FrameType::ping && frame.flags == 0) {
            connection.send(frame_of_ack(frame));
        }
    });
    HttpsPoolOptions all_options = h2_options();
    all_options.ping_after = std::chrono::milliseconds(100);
    all_options.ping_timeout = std::chrono::milliseconds(300);
    const auto pool = make_pool(all_options);
    expect_ok(exchange(*pool));
    EXPECT_GE(h2.count(FrameType::ping), 1U);
    EXPECT_EQ(h2.accepted(), 2U);
}

TEST_F(HttpsPoolH2Test, KeepsAServerThatTakesItsTimeButAnswersPings) {
    std::uint32_t waiting = 0;
    std::size_t pings = 0;
    h2.behave([&](Connection& connection, const Frame& frame) {
        if (frame.type == FrameType::headers) {
            waiting = frame.stream;
        } else if (frame.type == FrameType::ping) {
            connection.send(frame_of_ack(frame));
            if (++pings == 3) {
                connection.send(whole_answer(waiting));
            }
        }
    });
    HttpsPoolOptions all_options = h2_options();
    all_options.ping_after = std::chrono::milliseconds(10);
    const auto pool = make_pool(all_options);
    expect_ok(exchange(*pool));
    EXPECT_EQ(h2.accepted(), 1U);
}

TEST_F(HttpsPoolH2Test, GivesUpAServerThatBeginsWithAFrameTooLarge) {
    h2.use_settings(std::string(20'000, 'x'));
    const auto pool = make_pool(h2_options());
    expect_failure(exchange(*pool), Reason::sts_bad_answer, "not HTTP");
}

TEST_F(HttpsPoolH2Test, GivesUpAServerThatSaysNoSettingsInTime) {
    h2.withhold_settings(1);
    h2.behave([](Connection& connection, const Frame& frame) {
        if (frame.type == FrameType::headers && connection.index() > 0) {
            connection.send(whole_answer(frame.stream));
        }
    });
    HttpsPoolOptions all_options = h2_options();
    all_options.connect_timeout = std::chrono::milliseconds(700);
    const auto pool = make_pool(all_options);
    expect_ok(exchange(*pool));
    EXPECT_EQ(h2.accepted(), 2U);
    run_until(io, [&] { return h2.ended() == 1; });
}

TEST_F(HttpsPoolH2Test, SaysThatAServerSaidNoSettings) {
    h2.withhold_settings(2);
    h2.behave([](Connection&, const Frame&) {});
    HttpsPoolOptions all_options = h2_options();
    all_options.connect_timeout = std::chrono::milliseconds(400);
    const auto pool = make_pool(all_options);
    HttpRequest request = get();
    request.method = "POST";
    request.body = "may have taken effect, so it is not repeated";
    expect_failure(
        run(io, pool->exchange(endpoint(), std::move(request), far_away())),
        Reason::sts_unreachable,
        "no settings in time"
    );
    EXPECT_EQ(h2.accepted(), 1U);
}

TEST_F(HttpsPoolH2Test, ResumesTheTlsSessionOnTheNextConnection) {
    h2.behave([](Connection& connection, const Frame& frame) {
        if (frame.type == FrameType::headers) {
            connection.send(whole_answer(frame.stream) + goaway(frame.stream));
        }
    });
    const auto pool = make_pool(h2_options());
    expect_ok(exchange(*pool));
    EXPECT_EQ(metrics->resumed.value(), 0U);
    expect_ok(exchange(*pool));
    EXPECT_EQ(h2.accepted(), 2U);
    EXPECT_EQ(h2.resumed(), 1U);
    EXPECT_EQ(metrics->resumed.value(), 1U);
}

TEST_F(HttpsPoolH2Test, ClosesAConnectionThatHasLainIdle) {
    HttpsPoolOptions all_options = h2_options();
    all_options.idle_timeout = std::chrono::seconds(0);
    all_options.ping_after = std::chrono::milliseconds(5);
    const auto pool = make_pool(all_options);
    expect_ok(exchange(*pool));
    run_until(io, [&] { return h2.ended() == 1; });
    EXPECT_EQ(metrics->open.value(), 0);
    EXPECT_EQ(metrics->idle.value(), 0);
}

TEST_F(HttpsPoolH2Test, LetsBusyExchangesFinishWhenClosed) {
    hold();
    h2.use_settings(setting(max_concurrent_streams, 1));
    HttpsPoolOptions all_options = h2_options();
    all_options.max_connections_per_endpoint = 1;
    const auto pool = make_pool(all_options);
    auto busy = start(*pool);
    run_until(io, [&] { return held.size() == 1; });
    auto waiting = start(*pool);
    run_until(io, [&] { return metrics->waiting.value() == 1; });
    pool->close();
    expect_failure(waiting.get(), Reason::overloaded, "shutting down");
    answer_all();
    expect_ok(busy.get());
    run_until(io, [&] { return h2.ended() == 1; });
    expect_failure(exchange(*pool), Reason::overloaded, "shutting down");
    EXPECT_EQ(metrics->open.value(), 0);
}

TEST_F(HttpsPoolH2Test, EndsWithTheLoopWhateverIsUnderWay) {
    hold();
    const auto pool = make_pool(h2_options());
    auto all = start_many(*pool, 3);
    run_until(io, [&] { return held.size() == 3; });
}

}  // namespace
}  // namespace arngate::net::test
