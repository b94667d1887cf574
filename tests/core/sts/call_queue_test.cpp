#include "core/sts/call_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

namespace arngate::sts {
namespace {

using namespace std::chrono_literals;
using Asked = CallQueue::Asked;
using Place = CallQueue::Place;
using Rank = CallQueue::Rank;
using Tickets = std::vector<CallQueue::Ticket>;

class CallQueueTest : public testing::Test {
protected:
    void make(const CallLimits& limits) { queue = CallQueue(limits); }
    Asked ask(CallQueue::Ticket ticket, std::uint64_t account, std::uint64_t key, Place place = Place::back) {
        return queue.ask(ticket, {account, key}, place, now);
    }
    bool finish(CallQueue::Ticket ticket, CallOutcome outcome) { return queue.finish(ticket, outcome, now, 0.5); }
    /// Lets this account and key become known.
    void prove(std::uint64_t account, std::uint64_t key) {
        ASSERT_EQ(ask(1'000'000, account, key), Asked::waits);
        ASSERT_EQ(queue.poll(now), Tickets{1'000'000});
        finish(1'000'000, CallOutcome::proven);
    }

    CallQueue queue{CallLimits{}};
    SteadyTime now{1h};
};

TEST_F(CallQueueTest, BeginsAtOnceWhatMay) {
    EXPECT_EQ(ask(1, 1, 1), Asked::waits);
    EXPECT_EQ(queue.waiting(), 1U);
    EXPECT_EQ(queue.poll(now), Tickets{1});
    EXPECT_EQ(queue.waiting(), 0U);
    EXPECT_EQ(queue.in_flight(), 1U);
    EXPECT_FALSE(finish(1, CallOutcome::refused));
    EXPECT_EQ(queue.in_flight(), 0U);
    EXPECT_EQ(queue.accounts(), 0U) << "nothing needs to be remembered of it";
    EXPECT_FALSE(finish(1, CallOutcome::proven)) << "once";
    EXPECT_EQ(queue.in_flight(), 0U);
}

TEST_F(CallQueueTest, ForgetsAccountsThatAreQuiet) {
    for (CallQueue::Ticket i = 1; i <= 1100; ++i) {
        EXPECT_EQ(ask(i, i, i), Asked::waits);
        EXPECT_EQ(queue.poll(now), Tickets{i});
        finish(i, CallOutcome::proven);
    }
    EXPECT_EQ(queue.accounts(), 1100U) << "how fast each may go is worth knowing for a moment";
    now += 6s;
    EXPECT_EQ(ask(2000, 1, 1), Asked::waits);
    EXPECT_EQ(queue.accounts(), 1U);
}

TEST_F(CallQueueTest, HoldsTheLimitOfCallsAtOnce) {
    make({.in_flight = 2, .refusals_per_second = 0, .breaker = {}});
    prove(1, 1);
    for (CallQueue::Ticket i = 1; i <= 3; ++i) {
        EXPECT_EQ(ask(i, 1, 1), Asked::waits);
    }
    EXPECT_EQ(queue.poll(now), (Tickets{1, 2}));
    EXPECT_FALSE(queue.next(now).has_value()) << "only when one ends";
    finish(2, CallOutcome::proven);
    EXPECT_EQ(queue.poll(now), Tickets{3});
}

TEST_F(CallQueueTest, HoldsTheRateOfTheEndpoint) {
    make({.calls_per_second = 2, .breaker = {}});
    prove(1, 1);
    for (CallQueue::Ticket i = 1; i <= 3; ++i) {
        EXPECT_EQ(ask(i, 1, 1), Asked::waits);
    }
    EXPECT_EQ(queue.poll(now), Tickets{1});
    const auto next = queue.next(now);
    ASSERT_TRUE(next);
    EXPECT_EQ(*next, now + 500ms);
    now = *next;
    EXPECT_EQ(queue.poll(now), Tickets{2});
}

TEST_F(CallQueueTest, AccountsTakeTurns) {
    make({.in_flight = 1, .breaker = {}});
    prove(1, 1);
    prove(2, 2);
    for (CallQueue::Ticket i = 1; i <= 3; ++i) {
        EXPECT_EQ(ask(i, 1, 1), Asked::waits);
    }
    EXPECT_EQ(ask(11, 2, 2), Asked::waits);
    Tickets order;
    for (auto begun = queue.poll(now); !begun.empty(); begun = queue.poll(now)) {
        order.push_back(begun.front());
        finish(begun.front(), CallOutcome::proven);
    }
    EXPECT_EQ(order, (Tickets{1, 11, 2, 3}));
}

TEST_F(CallQueueTest, KnownOnesGoBeforeNewcomersButNotForEver) {
    make({.in_flight = 1, .breaker = {}});
    prove(1, 1);
    EXPECT_EQ(ask(100, 9, 9), Asked::waits);
    for (CallQueue::Ticket i = 1; i <= 20; ++i) {
        EXPECT_EQ(ask(i, 1, 1), Asked::waits);
    }
    std::size_t before = 0;
    for (auto begun = queue.poll(now); begun.front() != 100; begun = queue.poll(now)) {
        ++before;
        finish(begun.front(), CallOutcome::proven);
    }
    EXPECT_GE(before, 1U);
    EXPECT_LE(before, 8U);
}

TEST_F(CallQueueTest, NewcomersShareABudgetOfRefusals) {
    make({.refusals_per_second = 2, .breaker = {}});
    for (CallQueue::Ticket i = 1; i <= 5; ++i) {
        EXPECT_EQ(ask(i, i, i), Asked::waits);
    }
    EXPECT_EQ(queue.poll(now), (Tickets{1, 2}));
    finish(1, CallOutcome::refused);
    EXPECT_TRUE(queue.poll(now).empty());
    finish(2, CallOutcome::proven);
    EXPECT_EQ(queue.poll(now), Tickets{3}) << "what was proven has cost nothing";
    for (const auto outcome : {CallOutcome::throttled, CallOutcome::failed, CallOutcome::unknown}) {
        CallQueue other({.refusals_per_second = 1, .breaker = {}});
        EXPECT_EQ(other.ask(1, {1, 1}, Place::back, now), Asked::waits);
        EXPECT_EQ(other.ask(2, {2, 2}, Place::back, now), Asked::waits);
        EXPECT_EQ(other.poll(now), Tickets{1});
        other.finish(1, outcome, now, 0.5);
        EXPECT_EQ(other.poll(now + 1s), Tickets{2});
    }
    EXPECT_EQ(*queue.next(now), now + 500ms);
}

TEST_F(CallQueueTest, KeysThatAreProvenDoNotOvertakeNewOnesOfTheirAccount) {
    make({.in_flight = 1, .breaker = {}});
    prove(1, 1);
    EXPECT_EQ(ask(1, 1, 1), Asked::waits);
    EXPECT_EQ(ask(2, 1, 2), Asked::waits);
    EXPECT_EQ(ask(3, 1, 1), Asked::waits);
    for (CallQueue::Ticket i = 1; i <= 3; ++i) {
        EXPECT_EQ(queue.poll(now), Tickets{i});
        finish(i, CallOutcome::proven);
    }
}

TEST_F(CallQueueTest, AnAccountThatIsProvenTakesAlongAllThatWait) {
    make({.refusals_per_second = 1, .breaker = {}});
    for (CallQueue::Ticket i = 1; i <= 50; ++i) {
        EXPECT_EQ(ask(i, 1, i), Asked::waits);
    }
    EXPECT_EQ(queue.poll(now).size(), 1U);
    finish(1, CallOutcome::proven);
    EXPECT_EQ(queue.poll(now).size(), 49U);
}

TEST_F(CallQueueTest, AnAccountInDisreputeIsANewcomerButItsProvenKeysAreNot) {
    make({.refusals_per_second = 100, .breaker = {}});
    prove(1, 1);
    for (CallQueue::Ticket i = 1; i <= 20; ++i) {
        EXPECT_EQ(ask(i, 1, 100 + i), Asked::waits);
        EXPECT_EQ(queue.poll(now), Tickets{i});
        finish(i, CallOutcome::refused);
    }
    CallQueue::Ticket junk = 1000;
    for (; junk < 2000; ++junk) {
        ASSERT_EQ(ask(junk, 1, junk), Asked::waits);
        if (queue.poll(now).empty()) {
            break;
        }
        finish(junk, CallOutcome::refused);
    }
    EXPECT_LT(junk, 1100U + 100);
    EXPECT_EQ(ask(1, 1, 1), Asked::waits);
    EXPECT_EQ(queue.poll(now), Tickets{1}) << "the key that was proven";
}

TEST_F(CallQueueTest, RefusesMoreThanMayWait) {
    make({.in_flight = 1, .waiting = 4, .refusals_per_second = 1, .breaker = {}});
    prove(1, 1);
    EXPECT_EQ(ask(1, 5, 5), Asked::waits);
    EXPECT_EQ(ask(2, 6, 6), Asked::waits);
    EXPECT_EQ(ask(3, 7, 7), Asked::waits);
    EXPECT_TRUE(queue.take_excess(now).empty());
    EXPECT_EQ(ask(4, 8, 8), Asked::waits);
    EXPECT_EQ(queue.take_excess(now), Tickets{4}) << "newcomers leave room";
    EXPECT_EQ(ask(5, 1, 1), Asked::waits);
    EXPECT_TRUE(queue.take_excess(now).empty());
    EXPECT_EQ(ask(6, 1, 1), Asked::waits);
    EXPECT_EQ(queue.take_excess(now), Tickets{6});
    EXPECT_EQ(ask(7, 1, 1, Place::front), Asked::waits);
    EXPECT_EQ(queue.take_excess(now), Tickets{5}) << "the other has stood here already";
    EXPECT_EQ(queue.waiting(), 4U);
}

TEST_F(CallQueueTest, WhoeverHasMostWaitingMakesRoom) {
    make({.in_flight = 1, .waiting = 8, .refusals_per_second = 1, .breaker = {}});
    for (CallQueue::Ticket i = 1; i <= 6; ++i) {
        EXPECT_EQ(ask(i, i <= 4 ? 5 : 6, i <= 3 ? 5 : i), Asked::waits);
    }
    EXPECT_TRUE(queue.take_excess(now).empty());
    EXPECT_EQ(ask(7, 7, 7), Asked::waits);
    EXPECT_EQ(queue.take_excess(now), Tickets{3}) << "of account 5, the last of the key that has three";
    EXPECT_EQ(ask(8, 8, 8), Asked::waits);
    EXPECT_EQ(queue.take_excess(now), Tickets{2});
    EXPECT_EQ(ask(9, 9, 9), Asked::waits);
    EXPECT_EQ(queue.take_excess(now), Tickets{6}) << "of accounts with as many, whose call came last";
    EXPECT_EQ(queue.take_last(Rank::newcomer, now), 4U);
    EXPECT_EQ(queue.take_last(Rank::newcomer, now), 9U);
    EXPECT_EQ(queue.waiting(Rank::newcomer), 4U);
}

TEST_F(CallQueueTest, KnownCallsMakeRoomInTheSameWay) {
    make({.in_flight = 1, .waiting = 4, .breaker = {}});
    prove(1, 1);
    prove(2, 2);
    for (CallQueue::Ticket i = 1; i <= 5; ++i) {
        EXPECT_EQ(ask(i, 1, i < 5 ? 1 : 3), Asked::waits);
        const auto excess = queue.take_excess(now);
        EXPECT_EQ(excess, i < 5 ? Tickets{} : Tickets{4});
    }
    EXPECT_EQ(ask(6, 2, 2), Asked::waits);
    EXPECT_EQ(queue.take_excess(now), Tickets{3});
    EXPECT_EQ(queue.poll(now), Tickets{1});
}

TEST_F(CallQueueTest, KeysOfAnAccountTakeTurns) {
    make({.in_flight = 1, .breaker = {}});
    prove(1, 1);
    prove(1, 2);
    for (CallQueue::Ticket i = 1; i <= 3; ++i) {
        EXPECT_EQ(ask(i, 1, 1), Asked::waits);
    }
    EXPECT_EQ(ask(4, 1, 2), Asked::waits);
    EXPECT_EQ(ask(5, 1, 3), Asked::waits) << "a key that nobody knows, of a known account";
    Tickets order;
    for (auto begun = queue.poll(now); !begun.empty(); begun = queue.poll(now)) {
        order.push_back(begun.front());
        finish(begun.front(), CallOutcome::proven);
    }
    EXPECT_EQ(order, (Tickets{1, 4, 5, 2, 3}));
}

TEST_F(CallQueueTest, LetsLessWaitOnceNewcomersAreMostlyJunk) {
    make({.waiting = 8000, .refusals_per_second = 10, .breaker = {}});
    CallQueue::Ticket ticket = 1;
    for (int i = 0; i < 200; ++i, ++ticket) {
        EXPECT_EQ(ask(ticket, ticket, ticket), Asked::waits);
        now += 100ms;
        EXPECT_EQ(queue.poll(now), Tickets{ticket});
        finish(ticket, CallOutcome::refused);
    }
    std::size_t waiting = 0;
    for (; queue.take_excess(now).empty(); ++ticket) {
        waiting = queue.waiting();
        EXPECT_EQ(ask(ticket, ticket, ticket), Asked::waits);
    }
    EXPECT_EQ(waiting, 20U);
}

TEST_F(CallQueueTest, WhatWaitsGoesToOnceNewcomersAreMostlyJunk) {
    make({.in_flight = 1, .waiting = 8000, .refusals_per_second = 10, .breaker = {}});
    for (CallQueue::Ticket i = 1; i <= 1000; ++i) {
        EXPECT_EQ(ask(i, i, i), Asked::waits);
    }
    std::size_t turned_away = 0;
    for (int i = 0; i < 200; ++i) {
        for (const auto ticket : queue.poll(now)) {
            finish(ticket, CallOutcome::refused);
        }
        turned_away += queue.take_excess(now).size();
        now += 100ms;
    }
    EXPECT_GT(turned_away, 800U);
}

TEST_F(CallQueueTest, ThrottlingSlowsTheAccountAlone) {
    prove(1, 1);
    prove(2, 2);
    for (CallQueue::Ticket i = 1; i <= 20; ++i) {
        EXPECT_EQ(ask(i, 1, 1), Asked::waits);
    }
    EXPECT_EQ(queue.poll(now).size(), 20U);
    now += 100ms;
    for (CallQueue::Ticket i = 1; i <= 10; ++i) {
        finish(i, CallOutcome::proven);
    }
    EXPECT_TRUE(finish(11, CallOutcome::throttled)) << "others are let through";
    EXPECT_EQ(queue.rate_cuts(), 1U);
    EXPECT_EQ(ask(11, 1, 1, Place::front), Asked::waits);
    EXPECT_EQ(ask(30, 1, 1), Asked::waits);
    EXPECT_EQ(ask(31, 2, 2), Asked::waits);
    EXPECT_EQ(queue.poll(now), (Tickets{11, 31}));
    EXPECT_GT(*queue.next(now), now);
    EXPECT_TRUE(queue.leave(30, now)) << "it waited for the rate";
    EXPECT_FALSE(queue.leave(30, now));
}

TEST_F(CallQueueTest, ThrottlingOfAllIsNoReasonToGoOn) {
    EXPECT_EQ(ask(1, 1, 1), Asked::waits);
    EXPECT_EQ(queue.poll(now), Tickets{1});
    EXPECT_FALSE(finish(1, CallOutcome::throttled));
}

TEST_F(CallQueueTest, AnOpenCircuitLetsNobodyWait) {
    make({.in_flight = 6, .breaker = {.failures = 3}});
    for (CallQueue::Ticket i = 1; i <= 4; ++i) {
        EXPECT_EQ(ask(i, 1, 1), Asked::waits);
    }
    EXPECT_EQ(queue.poll(now), (Tickets{1, 2, 3})) << "newcomers take no more than half";
    for (CallQueue::Ticket i = 1; i <= 3; ++i) {
        finish(i, CallOutcome::failed);
    }
    EXPECT_EQ(queue.circuit(), CircuitBreaker::State::open);
    EXPECT_EQ(queue.take_waiting(), Tickets{4});
    EXPECT_EQ(queue.waiting(), 0U);
    EXPECT_EQ(ask(5, 1, 1), Asked::circuit_open);
    now += 2s;
    EXPECT_EQ(ask(6, 1, 1), Asked::waits);
    EXPECT_EQ(queue.poll(now), Tickets{6});
    EXPECT_EQ(queue.circuit(), CircuitBreaker::State::half_open);
    EXPECT_EQ(ask(7, 1, 1), Asked::circuit_open) << "one probe is enough";
    finish(6, CallOutcome::refused);
    EXPECT_EQ(queue.circuit(), CircuitBreaker::State::closed) << "a refusal is a sign of life";
}

// Whatever happens in whatever order: the sums hold, nothing is lost, and nobody waits for nothing.
TEST_F(CallQueueTest, SurvivesAnything) {
    for (std::uint32_t seed = 0; seed < 30; ++seed) {
        std::mt19937 random(seed);
        const auto up_to = [&random](std::uint32_t bound) { return random() % bound; };
        CallLimits limits;
        limits.in_flight = 1 + up_to(8);
        limits.waiting = 4 + up_to(60);
        limits.calls_per_second = up_to(3) == 0 ? 50 : 0;
        limits.refusals_per_second = up_to(3) == 0 ? 0 : 10;
        limits.breaker.failures = 5;
        make(limits);
        std::set<CallQueue::Ticket> waiting;
        std::set<CallQueue::Ticket> begun;
        const auto any_of = [&](const std::set<CallQueue::Ticket>& all) {
            return *std::next(all.begin(), static_cast<std::ptrdiff_t>(up_to(static_cast<std::uint32_t>(all.size()))));
        };
        CallQueue::Ticket last = 0;
        for (int step = 0; step < 3000; ++step) {
            now += std::chrono::milliseconds(up_to(40));
            switch (up_to(8)) {
                case 0:
                case 1:
                case 2:
                    if (ask(++last, up_to(5), up_to(20), up_to(4) == 0 ? Place::front : Place::back) == Asked::waits) {
                        waiting.insert(last);
                    }
                    break;
                case 3:
                    if (!waiting.empty()) {
                        const auto gone = any_of(waiting);
                        queue.leave(gone, now);
                        waiting.erase(gone);
                    }
                    break;
                default:
                    if (!begun.empty()) {
                        const auto over = any_of(begun);
                        finish(over, static_cast<CallOutcome>(up_to(5)));
                        begun.erase(over);
                    }
                    break;
            }
            if (queue.circuit() == CircuitBreaker::State::open) {
                for (const auto ticket : queue.take_waiting()) {
                    EXPECT_EQ(waiting.erase(ticket), 1U);
                }
            }
            for (const auto ticket : queue.poll(now)) {
                EXPECT_EQ(waiting.erase(ticket), 1U);
                begun.insert(ticket);
            }
            for (const auto ticket : queue.take_excess(now)) {
                EXPECT_EQ(waiting.erase(ticket), 1U);
            }
            if (const auto ticket = up_to(20) == 0 ? queue.take_last(Rank::newcomer, now) : std::nullopt) {
                EXPECT_EQ(waiting.erase(*ticket), 1U);
            }
            ASSERT_EQ(queue.waiting(), waiting.size());
            ASSERT_LE(queue.waiting(), limits.waiting);
            ASSERT_LE(queue.waiting(Rank::newcomer), queue.waiting());
            ASSERT_EQ(queue.in_flight(), begun.size());
            ASSERT_LE(begun.size(), limits.in_flight);
            ASSERT_TRUE(waiting.empty() || !begun.empty() || queue.next(now).has_value()) << "stuck";
        }
        for (const auto ticket : begun) {
            finish(ticket, CallOutcome::proven);
        }
        for (const auto ticket : waiting) {
            queue.leave(ticket, now);
        }
        EXPECT_EQ(queue.waiting() + queue.in_flight(), 0U);
        EXPECT_LE(queue.accounts(), 5U);
    }
}

}  // namespace
}  // namespace arngate::sts
