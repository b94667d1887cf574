#include "core/sts/governor.hpp"

#include "core/base/log.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace arngate::sts {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Permit = Governor::Permit;

const aws::StsHost host{"sts.us-east-1.amazonaws.com", "us-east-1"};

Deadline far_away() {
    return Deadline::after(5min);
}

struct Credentials {
    std::string id = "AKIAIOSFODNN7EXAMPLE";
    std::string session_token{};
};

asio::awaitable<void> hold(
    std::shared_ptr<Governor> governor,
    Credentials credentials,
    Deadline deadline,
    std::optional<Result<Permit>>& out,
    const aws::StsHost* of = &host
) {
    const ClaimedCredentials claimed{credentials.id, credentials.session_token};
    out.emplace(co_await Governor::acquire(std::move(governor), *of, claimed, deadline, CallQueue::Place::back));
}

// Of the form that names an account.
constexpr const char* temporary_key_id = "ASIAQEXAMPLEEXAMPLE1";

class GovernorTest : public testing::Test {
protected:
    GovernorTest() {
        log::set_sink([this](std::string_view line) {
            const std::lock_guard lock(mutex);
            lines += line;
        });
        make({});
    }
    ~GovernorTest() override { log::set_sink({}); }

    void make(const CallLimits& limits) { governor = std::make_shared<Governor>(limits, registry); }
    std::optional<Result<Permit>>& start(
        Credentials credentials = {}, Deadline deadline = far_away(), const aws::StsHost& of = host
    ) {
        auto& out = results.emplace_back();
        asio::co_spawn(io, hold(governor, std::move(credentials), deadline, out, &of), asio::detached);
        poll();
        return out;
    }
    void poll() {
        io.restart();
        io.poll();
    }
    static Result<void> failure(Reason reason) { return std::unexpected(Error{reason, {}}); }
    static Reason reason(const std::optional<Result<Permit>>& result) {
        return !result ? Reason::internal_error : *result ? Reason::none : result->error().reason;
    }
    double gauge(const char* name) { return registry.gauge(name, "").value(); }
    std::uint64_t not_asked(const char* why) {
        return registry.counter("arngate_sts_not_asked_total", "", {{"why", why}}).value();
    }
    std::size_t lines_with(std::string_view text) const {
        std::size_t count = 0;
        for (auto at = lines.find(text); at != std::string::npos; at = lines.find(text, at + 1)) {
            ++count;
        }
        return count;
    }

    std::mutex mutex;
    std::string lines;
    MetricsRegistry registry;
    std::shared_ptr<Governor> governor;
    std::deque<std::optional<Result<Permit>>> results;
    asio::io_context io{1};
};

TEST_F(GovernorTest, LetsACallBeginAtOnce) {
    auto& permit = start();
    ASSERT_EQ(reason(permit), Reason::none);
    EXPECT_FALSE((*permit)->finish({}, false));
    EXPECT_EQ(gauge("arngate_sts_waiting"), 0);
}

TEST_F(GovernorTest, TheNextOneBeginsWhenACallEndsOrIsDropped) {
    make({.in_flight = 1, .breaker = {}});
    auto& first = start();
    auto& second = start();
    auto& third = start();
    EXPECT_EQ(reason(first), Reason::none);
    EXPECT_FALSE(second.has_value());
    EXPECT_EQ(gauge("arngate_sts_waiting"), 2);
    (*first)->finish({}, false);
    poll();
    ASSERT_EQ(reason(second), Reason::none);
    EXPECT_FALSE(third.has_value());
    second.reset();
    EXPECT_FALSE(third.has_value()) << "whoever drops wakes nobody";
    auto& fourth = start();
    poll();
    EXPECT_EQ(reason(third), Reason::none) << "the next one who comes does";
    EXPECT_FALSE(fourth.has_value());
    EXPECT_EQ(gauge("arngate_sts_waiting"), 1);
}

TEST_F(GovernorTest, GivesUpAtTheDeadline) {
    make({.in_flight = 1, .breaker = {}});
    auto& first = start();
    auto& late = start({}, Deadline(SteadyTime()));
    EXPECT_EQ(reason(first), Reason::none);
    EXPECT_EQ(reason(late), Reason::overloaded);
    EXPECT_EQ(not_asked("deadline"), 1U);
    EXPECT_EQ(gauge("arngate_sts_waiting"), 0);
}

// A token names its endpoint itself: junk for many of them must leave room for what can be told from it.
TEST_F(GovernorTest, NewcomersOfAllEndpointsTogetherLeaveRoom) {
    make({.in_flight = 1, .waiting = 8, .breaker = {}});
    auto& known = start({temporary_key_id, "session token"});
    (*known)->finish({}, false);
    std::deque<std::string> names;
    std::deque<aws::StsHost> hosts;
    std::size_t refused = 0;
    const auto count = [&] {
        refused = static_cast<std::size_t>(std::ranges::count_if(results, [](const auto& result) {
            return reason(result) == Reason::overloaded;
        }));
        return results.size() - 1 - refused;
    };
    for (int i = 0; i < 5; ++i) {
        const std::string& name = names.emplace_back("sts.region-" + std::to_string(i) + ".amazonaws.com");
        for (int n = 0; n < 4; ++n) {
            start({"junk " + std::to_string(n)}, far_away(), hosts.emplace_back(name, "region"));
            poll();
        }
    }
    EXPECT_EQ(count(), 6U);
    EXPECT_EQ(not_asked("queue_full"), refused);
    EXPECT_EQ(gauge("arngate_sts_waiting"), 1) << "one at each of five endpoints is under way";
    EXPECT_EQ(reason(start({temporary_key_id, "session token"})), Reason::none);
}

TEST_F(GovernorTest, ABusyKeyLeavesRoom) {
    make({.in_flight = 1, .waiting = 16, .breaker = {}});
    (*start({temporary_key_id, "busy"}))->finish({}, false);
    for (int i = 0; i < 20; ++i) {
        start({temporary_key_id, "busy"});
    }
    EXPECT_EQ(gauge("arngate_sts_waiting"), 13) << "seven eighths, with the one under way";
    EXPECT_EQ(not_asked("queue_full"), 6U);
    auto& other = start({temporary_key_id, "another session of the account"});
    EXPECT_FALSE(other.has_value());
    poll();
    EXPECT_EQ(not_asked("queue_full"), 7U) << "the last of those that are many";
    for (std::size_t i = 1; i <= 2; ++i) {
        ASSERT_EQ(reason(results[i]), Reason::none);
        (*results[i])->finish({}, false);
        poll();
    }
    EXPECT_EQ(reason(other), Reason::none) << "and it does not wait for all the others, either";
}

TEST_F(GovernorTest, SaysThatStsThrottlesWhenThatIsWhatItWaitedFor) {
    auto& first = start();
    ASSERT_EQ(reason(first), Reason::none);
    EXPECT_FALSE((*first)->finish(failure(Reason::sts_throttled), false));
    EXPECT_EQ(registry.counter("arngate_sts_rate_cuts_total", "").value(), 1U);
    // The first goes at once, the second a quarter of a second later.
    auto& second = start();
    auto& late = start({}, Deadline(SteadyTime()));
    EXPECT_EQ(reason(second), Reason::none);
    EXPECT_EQ(reason(late), Reason::sts_throttled);
}

TEST_F(GovernorTest, RefusesMoreThanMayWait) {
    make({.in_flight = 1, .waiting = 2, .breaker = {}});
    auto& first = start();
    ASSERT_EQ(reason(first), Reason::none);
    (*first)->finish({}, false);
    auto& second = start();
    auto& third = start();
    auto& fourth = start();
    EXPECT_EQ(reason(second), Reason::none);
    EXPECT_FALSE(third.has_value());
    EXPECT_EQ(reason(fourth), Reason::overloaded);
    EXPECT_EQ(not_asked("queue_full"), 1U);
}

// The id of an access key is no secret; the session token that goes with a temporary one is.
TEST_F(GovernorTest, JunkThatNamesATemporaryKeyDoesNotMakeItWait) {
    make({.refusals_per_second = 1, .breaker = {}});
    (*start({temporary_key_id, "session token"}))->finish({}, false);
    bool is_held_up = false;
    for (int i = 0; i < 100 && !is_held_up; ++i) {
        auto& junk = start({temporary_key_id, "forged " + std::to_string(i % 2)});
        is_held_up = !junk.has_value();
        if (!is_held_up) {
            (*junk)->finish(failure(Reason::sts_denied), false);
        }
    }
    EXPECT_TRUE(is_held_up);
    EXPECT_EQ(reason(start({temporary_key_id, "session token"})), Reason::none);
}

TEST_F(GovernorTest, AnOpenCircuitAnswersAtOnceAndIsSaidOnce) {
    CallLimits limits;
    limits.in_flight = 2;
    limits.breaker = {.failures = 2, .first_pause = 5min, .longest_pause = 5min};
    make(limits);
    auto& first = start();
    auto& waits = start();
    EXPECT_FALSE(waits.has_value());
    (*first)->finish(failure(Reason::sts_unreachable), false);
    poll();
    ASSERT_EQ(reason(waits), Reason::none);
    auto& thrown_out = start();
    EXPECT_FALSE(thrown_out.has_value());
    (*waits)->finish(failure(Reason::sts_unavailable), false);
    poll();
    EXPECT_EQ(reason(thrown_out), Reason::sts_unavailable) << "what it failed with last";
    EXPECT_EQ(reason(start()), Reason::sts_unavailable);
    EXPECT_EQ(not_asked("circuit_open"), 2U);
    EXPECT_EQ(registry.gauge("arngate_sts_circuit_state", "", {{"endpoint", host.name}}).value(), 2);
    EXPECT_EQ(registry.counter("arngate_sts_circuit_opened_total", "", {{"endpoint", host.name}}).value(), 1U);
    EXPECT_EQ(lines_with("STS circuit"), 1U) << lines;
    EXPECT_EQ(lines_with("state=open"), 1U) << lines;
}

TEST_F(GovernorTest, ACircuitClosesWhenItsProbeIsAnswered) {
    CallLimits limits;
    limits.breaker = {.failures = 1, .first_pause = 0ms, .longest_pause = 0ms};
    make(limits);
    auto& first = start();
    (*first)->finish(failure(Reason::sts_unreachable), false);
    auto& probe = start();
    ASSERT_EQ(reason(probe), Reason::none);
    EXPECT_EQ(reason(start()), Reason::sts_unreachable);
    (*probe)->finish(failure(Reason::sts_denied), false);
    EXPECT_EQ(reason(start()), Reason::none);
    EXPECT_EQ(lines_with("STS circuit"), 3U) << lines;
    EXPECT_EQ(registry.gauge("arngate_sts_circuit_state", "", {{"endpoint", host.name}}).value(), 0);
}

TEST_F(GovernorTest, AFailureForWantOfTimeIsNotTheEndpoints) {
    CallLimits limits;
    limits.breaker = {.failures = 1, .first_pause = 5min, .longest_pause = 5min};
    make(limits);
    (*start())->finish(failure(Reason::sts_unreachable), true);
    (*start())->finish(failure(Reason::overloaded), false);
    (*start())->finish(failure(Reason::internal_error), false);
    EXPECT_EQ(reason(start()), Reason::none);
}

TEST_F(GovernorTest, LimitsEachEndpointForItself) {
    make({.in_flight = 1, .breaker = {}});
    const aws::StsHost other{"sts.eu-west-1.amazonaws.com", "eu-west-1"};
    auto& here = start();
    auto& elsewhere = start({}, far_away(), other);
    EXPECT_EQ(reason(here), Reason::none);
    EXPECT_EQ(reason(elsewhere), Reason::none);
}

TEST_F(GovernorTest, ALoopMayEndWhileItsCallsWaitOrRun) {
    make({.in_flight = 1, .breaker = {}});
    std::optional<Result<Permit>> runs;
    std::optional<Result<Permit>> waits;
    {
        asio::io_context other{1};
        asio::co_spawn(other, hold(governor, {}, far_away(), runs), asio::detached);
        asio::co_spawn(other, hold(governor, {}, far_away(), waits), asio::detached);
        other.poll();
        ASSERT_EQ(reason(runs), Reason::none);
        runs.reset();
    }
    EXPECT_EQ(gauge("arngate_sts_waiting"), 0);
    EXPECT_EQ(reason(start()), Reason::none);
}

TEST_F(GovernorTest, ServesManyThreads) {
    make({.in_flight = 3, .breaker = {}});
    constexpr int threads = 4;
    constexpr int calls = 200;
    std::atomic<int> left = threads * calls;
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    std::vector<std::unique_ptr<asio::io_context>> loops;
    for (int i = 0; i < threads; ++i) {
        loops.push_back(std::make_unique<asio::io_context>(1));
    }
    const auto call = [&](asio::io_context& loop, int number) -> asio::awaitable<void> {
        const std::string key = "ASIA" + std::to_string(number % 5);
        auto permit = co_await Governor::acquire(governor, host, {key}, far_away(), CallQueue::Place::back);
        EXPECT_TRUE(permit.has_value());
        const int now = ++running;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        co_await asio::post(loop, asio::use_awaitable);
        --running;
        permit->finish({}, false);
        if (--left == 0) {
            for (const auto& each : loops) {
                each->stop();
            }
        }
    };
    {
        std::vector<std::jthread> all;
        for (const auto& loop : loops) {
            for (int i = 0; i < calls; ++i) {
                asio::co_spawn(*loop, call(*loop, i), asio::detached);
            }
        }
        for (const auto& loop : loops) {
            all.emplace_back([&loop] {
                const auto work = asio::make_work_guard(*loop);
                loop->run();
            });
        }
    }
    EXPECT_EQ(left, 0);
    EXPECT_LE(most, 3);
    EXPECT_EQ(gauge("arngate_sts_waiting"), 0);
}

}  // namespace
}  // namespace arngate::sts
