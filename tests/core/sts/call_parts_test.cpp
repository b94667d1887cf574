#include "core/sts/call_budget.hpp"
#include "core/sts/call_source.hpp"
#include "core/sts/circuit_breaker.hpp"
#include "core/sts/trust.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace arngate::sts {
namespace {

using namespace std::chrono_literals;

/// An access key id as it is made for an account.
std::string id_of(std::uint64_t account, std::string_view rest = "EXAMPLE") {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const std::uint64_t bits = (std::uint64_t{1} << 44U) | (account << 4U);
    std::string id = "ASIA";
    for (unsigned i = 0; i < 9; ++i) {
        id += digits[bits >> (5 * (8 - i)) & 31U];
    }
    return id.append(rest);
}

TEST(CallSource, ReadsTheAccountOfAnId) {
    for (const std::uint64_t account : {0ULL, 1ULL, 123456789012ULL, 999999999999ULL}) {
        EXPECT_EQ(account_of(id_of(account)), account);
    }
    EXPECT_FALSE(account_of(id_of(1'000'000'000'000)));
}

TEST(CallSource, ReadsNothingFromOtherIds) {
    EXPECT_FALSE(account_of(""));
    EXPECT_FALSE(account_of("AKIAIOSFODNN7EXAMPLE")) << "of the older form";
    const std::string id = id_of(123456789012);
    EXPECT_FALSE(account_of(id.substr(0, 19)));
    EXPECT_FALSE(account_of(id + "A"));
    for (const char c : {'a', '0', '1', '8', '9', '=', '\0', '\xff'}) {
        for (std::size_t i = 4; i < 13; ++i) {
            std::string wrong = id;
            wrong[i] = c;
            EXPECT_FALSE(account_of(wrong)) << i;
        }
    }
}

TEST(CallSource, PutsIdsOfOneAccountTogether) {
    const CallSource one = source_of({id_of(123456789012, "AEXAMPL")}, 7);
    const CallSource two = source_of({id_of(123456789012, "BEXAMPL")}, 7);
    const CallSource other = source_of({id_of(210987654321, "AEXAMPL")}, 7);
    EXPECT_EQ(one.account, two.account);
    EXPECT_NE(one.key, two.key);
    EXPECT_NE(one.account, other.account);
    EXPECT_NE(source_of({id_of(123456789012, "AEXAMPL")}, 8).account, one.account) << "the seed matters";
    const CallSource older = source_of({"AKIAIOSFODNN7EXAMPLE"}, 7);
    EXPECT_EQ(older.account, older.key);
    EXPECT_EQ(source_of({""}, 7).account, source_of({""}, 7).account);
}

TEST(CallSource, TellsCredentialsOfOneIdApartByTheirSessionTokens) {
    const std::string id = id_of(123456789012);
    const CallSource real = source_of({id, "a session token of some length"}, 7);
    for (const std::string_view forged :
         {"", "a", "a session token of some lengtH", "a session token of some length "}) {
        const CallSource other = source_of({id, forged}, 7);
        EXPECT_EQ(other.account, real.account);
        EXPECT_NE(other.key, real.key) << forged;
    }
    EXPECT_EQ(source_of({id, "a session token of some length"}, 7).key, real.key);
    EXPECT_NE(source_of({"AB", "C"}, 7).key, source_of({"A", "BC"}, 7).key);
}

TEST(CallBudget, LetsOneSecondsWorthGoAtOnceAndThenItsRate) {
    const SteadyTime start(1h);
    CallBudget budget(10);
    int taken = 0;
    for (SteadyTime now = start; now < start + 2s; now += 1ms) {
        while (budget.next(now) <= now) {
            budget.take(now);
            ++taken;
        }
    }
    EXPECT_EQ(taken, 10 + 19);
}

TEST(CallBudget, SaysWhenToComeBack) {
    const SteadyTime start(1h);
    CallBudget budget(2);
    budget.take(start);
    budget.take(start);
    const SteadyTime next = budget.next(start);
    EXPECT_EQ(next, start + 500ms);
    EXPECT_LE(budget.next(next), next);
}

TEST(CallBudget, TakesBackNoMoreThanItHolds) {
    const SteadyTime start(1h);
    CallBudget budget(2);
    budget.take(start);
    budget.give_back();
    budget.give_back();
    budget.take(start);
    budget.take(start);
    EXPECT_GT(budget.next(start), start);
}

TEST(CallBudget, MayHaveNoLimit) {
    CallBudget budget(0);
    for (int i = 0; i < 1000; ++i) {
        EXPECT_LE(budget.next(SteadyTime(1h)), SteadyTime(1h));
        budget.take(SteadyTime(1h));
    }
}

TEST(Trust, KnowsWhoWasProven) {
    Trust trust(10);
    EXPECT_EQ(trust.of(1), Trust::Standing::unknown);
    trust.refused(1);
    EXPECT_EQ(trust.size(), 0U) << "junk leaves nothing";
    trust.proven(1);
    EXPECT_EQ(trust.of(1), Trust::Standing::good);
    trust.proven(1);
}

TEST(Trust, IsLostByRefusalsAndComesBack) {
    Trust trust(10);
    trust.proven(1);
    int refusals = 0;
    while (trust.of(1) == Trust::Standing::good) {
        trust.refused(1);
        ++refusals;
    }
    EXPECT_EQ(refusals, 11);
    EXPECT_EQ(trust.of(1), Trust::Standing::bad);
    trust.proven(1);
    EXPECT_EQ(trust.of(1), Trust::Standing::good);
}

TEST(Trust, ForgetsWhoWasProvenLongestAgo) {
    Trust trust(2);
    trust.proven(1);
    trust.proven(2);
    trust.proven(1);
    trust.proven(3);
    EXPECT_EQ(trust.of(1), Trust::Standing::good);
    EXPECT_EQ(trust.of(2), Trust::Standing::unknown);
    EXPECT_EQ(trust.size(), 2U);
}

class CircuitBreakerTest : public testing::Test {
protected:
    using State = CircuitBreaker::State;
    void fail(unsigned times = 1) {
        for (unsigned i = 0; i < times; ++i) {
            breaker.failed(now, 0.5);
        }
    }
    CircuitBreaker breaker{{.failures = 3, .first_pause = 1s, .longest_pause = 3s}};
    SteadyTime now{1h};
};

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARow) {
    fail(2);
    breaker.answered();
    fail(2);
    EXPECT_TRUE(breaker.allows(now));
    EXPECT_EQ(breaker.state(), State::closed);
    fail();
    EXPECT_EQ(breaker.state(), State::open);
    EXPECT_FALSE(breaker.allows(now + 1s - 1ms));
    EXPECT_TRUE(breaker.allows(now + 1s));
    EXPECT_EQ(breaker.state(), State::half_open);
}

TEST_F(CircuitBreakerTest, ProbesOneAtATime) {
    fail(3);
    now += 1s;
    ASSERT_TRUE(breaker.allows(now));
    EXPECT_TRUE(breaker.allows(now)) << "nobody has begun";
    breaker.began();
    EXPECT_FALSE(breaker.allows(now));
    EXPECT_TRUE(breaker.waits_for_probe());
    breaker.gave_up();
    EXPECT_TRUE(breaker.allows(now)) << "the next one may";
    breaker.began();
    breaker.answered();
    EXPECT_EQ(breaker.state(), State::closed);
    fail(2);
    EXPECT_EQ(breaker.state(), State::closed) << "it counts from the beginning";
}

TEST_F(CircuitBreakerTest, WaitsLongerAfterEachFailedProbe) {
    fail(3);
    for (const auto pause : {1s, 2s, 3s, 3s}) {
        EXPECT_FALSE(breaker.allows(now + pause - 1ms));
        now += pause;
        ASSERT_TRUE(breaker.allows(now));
        breaker.began();
        fail();
        EXPECT_EQ(breaker.state(), State::open);
    }
}

TEST_F(CircuitBreakerTest, LateFailuresDoNotProlongAndALateAnswerCloses) {
    fail(3);
    now += 900ms;
    fail(10);
    EXPECT_TRUE(breaker.allows(now + 100ms));
    breaker.answered();
    EXPECT_EQ(breaker.state(), State::closed);
}

TEST_F(CircuitBreakerTest, DrawsItsPause) {
    breaker = CircuitBreaker({.failures = 1, .first_pause = 1s, .longest_pause = 3s});
    breaker.failed(now, 0);
    EXPECT_TRUE(breaker.allows(now + 750ms));
    breaker = CircuitBreaker({.failures = 1, .first_pause = 1s, .longest_pause = 3s});
    breaker.failed(now, 0.999);
    EXPECT_FALSE(breaker.allows(now + 1249ms));
    EXPECT_TRUE(breaker.allows(now + 1250ms));
}

TEST_F(CircuitBreakerTest, MayBeOff) {
    breaker = CircuitBreaker({.failures = 0});
    fail(1000);
    EXPECT_TRUE(breaker.allows(now));
}

}  // namespace
}  // namespace arngate::sts
