#include "tests/core/sts/sts_simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

namespace arngate::sts {
namespace {

using namespace std::chrono_literals;
using test::StsSimulation;

struct Summary {
    std::size_t granted = 0;
    double last = 0;  ///< seconds from the beginning to the last answer
    double p99 = 0;   ///< seconds that a review took
};

Summary summarize(const StsSimulation& simulation, std::size_t first, std::size_t end) {
    Summary summary;
    std::vector<double> taken;
    for (std::size_t i = first; i < end; ++i) {
        const auto& review = simulation.reviews()[i];
        EXPECT_TRUE(review.ended.has_value());
        summary.granted += review.is_granted() ? 1U : 0U;
        summary.last = std::max(summary.last, simulation.seconds_of(review));
        taken.push_back(review.seconds());
    }
    std::ranges::sort(taken);
    summary.p99 = taken.empty() ? 0 : taken[taken.size() * 99 / 100];
    return summary;
}

// kube-apiserver has restarted: all its clients come back at once. At 500 a second that takes STS 10 s.
TEST(StsAtScale, AHerdOfOneAccountIsAnsweredAsFastAsStsLetsIt) {
    StsSimulation simulation({}, {});
    for (std::uint64_t i = 0; i < 5000; ++i) {
        simulation.add(0us, {.account = 1, .key = i});
    }
    simulation.run();
    const Summary herd = summarize(simulation, 0, 5000);
    EXPECT_EQ(herd.granted, 5000U);
    EXPECT_LE(herd.last, 10.5);
    EXPECT_LE(simulation.throttled, 5000U * 3 / 10) << "the rate is learnt, not run into again and again";
    EXPECT_EQ(simulation.queue().in_flight(), 0U);
    EXPECT_EQ(simulation.queue().waiting(), 0U);
}

TEST(StsAtScale, AHerdOfManyAccountsIsAnsweredToo) {
    for (const std::uint64_t accounts : {10U, 5000U}) {
        StsSimulation simulation({}, {});
        for (std::uint64_t i = 0; i < 5000; ++i) {
            simulation.add(0us, {.account = i % accounts, .key = i});
        }
        simulation.run();
        const Summary herd = summarize(simulation, 0, 5000);
        EXPECT_EQ(herd.granted, 5000U) << accounts;
        EXPECT_LE(herd.last, 12.0) << accounts;
    }
}

TEST(StsAtScale, AHerdIsNotSlowedWhereStsDoesNotThrottle) {
    StsSimulation simulation({}, {.per_second = 0});
    for (std::uint64_t i = 0; i < 5000; ++i) {
        simulation.add(0us, {.account = i % 7, .key = i});
    }
    simulation.run();
    const Summary herd = summarize(simulation, 0, 5000);
    EXPECT_EQ(herd.granted, 5000U);
    EXPECT_LE(herd.last, 1.5) << "512 at a time, 100 ms each";
}

TEST(StsAtScale, ALowRateIsLearntToo) {
    StsSimulation simulation({}, {.latency = 50ms, .per_second = 20});
    simulation.review_timeout = 60s;
    for (std::uint64_t i = 0; i < 500; ++i) {
        simulation.add(0us, {.account = 1, .key = i});
    }
    simulation.run();
    const Summary herd = summarize(simulation, 0, 500);
    EXPECT_EQ(herd.granted, 500U);
    EXPECT_LE(herd.last, 35.0) << "500 at 20 a second take 24 s";
}

// Of each account STS lets so much through: the one that asks too much only slows itself.
TEST(StsAtScale, ANoisyAccountDoesNotDelayTheOthers) {
    StsSimulation simulation({}, {.per_second = 100, .per_account = true});
    for (std::uint64_t i = 0; i < 4000; ++i) {
        simulation.add(0us, {.account = 1, .key = i});
    }
    for (std::uint64_t i = 0; i < 100; ++i) {
        simulation.add(1s + 50ms * i, {.account = 2, .key = 10'000 + i % 3});
    }
    simulation.run();
    const Summary quiet = summarize(simulation, 4000, 4100);
    EXPECT_EQ(quiet.granted, 100U);
    EXPECT_LE(quiet.p99, 0.3);
}

struct Junk {
    const char* name;
    CallSource (*source)(std::uint64_t);
};

// Well-formed tokens with random signatures, a thousand a second for ten seconds, while valid users come with new
// tokens.
class StsUnderJunk : public testing::TestWithParam<Junk> {};

TEST_P(StsUnderJunk, CallsStayWithinTheBudgetAndKnownUsersDoNotWait) {
    CallLimits limits;
    limits.refusals_per_second = 50;
    StsSimulation simulation(limits, {});
    constexpr std::uint64_t users = 20;
    for (std::uint64_t i = 0; i < 500; ++i) {
        simulation.add(20ms * i, {.account = 1, .key = i % users});
    }
    for (std::uint64_t i = 0; i < 10'000; ++i) {
        simulation.add(2s + 1ms * i, GetParam().source(i), false);
    }
    simulation.run();
    const Summary valid = summarize(simulation, 0, 500);
    EXPECT_EQ(valid.granted, 500U);
    EXPECT_LE(valid.p99, 0.15) << "STS takes 100 ms";
    // Ten seconds of junk that may wait twenty more, and the refusals before the account fell out of favour.
    EXPECT_LE(simulation.refused, 50U * 30 + 50 + 250);
    EXPECT_EQ(simulation.queue().waiting(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    StsAtScale,
    StsUnderJunk,
    testing::Values(
        Junk{"OfRandomAccounts", [](std::uint64_t i) { return CallSource{1'000 + i, 100'000 + i}; }},
        Junk{"OfOneKey", [](std::uint64_t) { return CallSource{7, 7'000}; }},
        Junk{"ThatNamesAKnownAccount", [](std::uint64_t i) { return CallSource{1, 100'000 + i}; }}
    ),
    [](const testing::TestParamInfo<Junk>& junk) { return junk.param.name; }
);

// Nobody has been proven yet, and the first valid users of an account come amid junk of other accounts.
TEST(StsAtScale, NewcomersComeThroughJunkOfAnotherAccount) {
    CallLimits limits;
    limits.refusals_per_second = 50;
    StsSimulation simulation(limits, {});
    for (std::uint64_t i = 0; i < 10'000; ++i) {
        simulation.add(1ms * i, {.account = 666, .key = i}, false);
    }
    const std::size_t first = simulation.reviews().size();
    for (std::uint64_t i = 0; i < 20; ++i) {
        simulation.add(100ms * i, {.account = 1, .key = 50'000 + i});
    }
    simulation.run();
    const Summary valid = summarize(simulation, first, first + 20);
    EXPECT_EQ(valid.granted, 20U);
    EXPECT_LE(valid.last, 3.0);
}

// The same when it is known by now that newcomers are mostly junk, and few of them may wait.
TEST(StsAtScale, NewcomersComeThroughLastingJunkOfAnotherAccount) {
    CallLimits limits;
    limits.refusals_per_second = 50;
    StsSimulation simulation(limits, {});
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        simulation.add(1ms * i, {.account = 666, .key = i}, false);
    }
    const std::size_t first = simulation.reviews().size();
    for (std::uint64_t i = 0; i < 20; ++i) {
        simulation.add(1500ms + 900ms * i, {.account = i, .key = 50'000 + i});
    }
    simulation.run();
    const Summary valid = summarize(simulation, first, first + 20);
    EXPECT_EQ(valid.granted, 20U);
    EXPECT_LE(valid.p99, 0.3) << "STS takes 100 ms";
}

// Somebody's program makes a new token for each of its requests; the others of the account ask as ever.
TEST(StsAtScale, ABusyKeyDoesNotDelayTheOthersOfItsAccount) {
    StsSimulation simulation({}, {.per_second = 100});
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        simulation.add(1ms * i, {.account = 1, .key = 7});
    }
    const std::size_t first = simulation.reviews().size();
    for (std::uint64_t i = 0; i < 100; ++i) {
        simulation.add(1s + 180ms * i, {.account = 1, .key = 1000 + i});
    }
    simulation.run();
    const Summary others = summarize(simulation, first, first + 100);
    EXPECT_EQ(others.granted, 100U);
    EXPECT_LE(others.p99, 1.0) << "STS takes 100 ms, and throttles now and then";
}

// Each of the two alone asks for more than STS takes, and most of what the first asks for waits until it is too late.
TEST(StsAtScale, TwoBusyKeysOfAnAccountShareWhatItGets) {
    StsSimulation simulation({}, {.per_second = 100});
    const auto add = [&simulation](std::uint64_t key, std::uint64_t count, std::chrono::microseconds apart) {
        for (std::uint64_t i = 0; i < count; ++i) {
            simulation.add(apart * i, {.account = 1, .key = key});
        }
    };
    add(7, 60'000, 1ms);
    add(8, 9'000, 6666us);
    simulation.run();
    const std::size_t noisy = summarize(simulation, 0, 60'000).granted;
    const std::size_t busy = summarize(simulation, 60'000, 69'000).granted;
    EXPECT_GT(noisy, busy / 2);
    EXPECT_GT(busy, noisy / 2);
}

// The one has hardly ever more than one call waiting, but always one.
TEST(StsAtScale, AKeyThatIsAlwaysThereLeavesTurnsToOneThatWaitsLonger) {
    StsSimulation simulation({}, {.per_second = 100});
    for (std::uint64_t i = 0; i < 2'000; ++i) {
        simulation.add(10ms * i, {.account = 1, .key = 7});
    }
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        simulation.add(1s, {.account = 1, .key = 8});
    }
    simulation.run();
    EXPECT_GT(summarize(simulation, 2'000, 3'000).granted, 700U);
}

// Whoever comes too late for all to be asked about, STS is not asked in vain for those whose time is all but over.
TEST(StsAtScale, LastingOverloadLeavesWhatStsTakesToWhoeverCanStillBeAnswered) {
    StsSimulation simulation({}, {.per_second = 100});
    for (std::uint64_t i = 0; i < 18'000; ++i) {
        simulation.add(3333us * i, {.account = 1, .key = i});
    }
    simulation.run();
    EXPECT_GT(summarize(simulation, 0, 18'000).granted, 5'000U) << "STS takes some 8,000 until the last gives up";
}

TEST(StsAtScale, AnOutageIsAnsweredAtOnceAndItsEndIsNoticed) {
    const auto down = [](SteadyTime now) {
        const auto passed = now - StsSimulation::start();
        return passed >= 5s && passed < 25s;
    };
    StsSimulation simulation({}, {.per_second = 0, .is_down = down});
    for (std::uint64_t i = 0; i < 8000; ++i) {
        simulation.add(5ms * i, {.account = 1, .key = i % 100});
    }
    simulation.run();
    std::size_t slow = 0;
    std::size_t refused_after = 0;
    for (const auto& review : simulation.reviews()) {
        const double came = std::chrono::duration<double>(review.came - StsSimulation::start()).count();
        slow += came > 6.5 && came < 24 && review.seconds() > 0.001 ? 1U : 0U;
        refused_after += came > 45 && !review.is_granted() ? 1U : 0U;
    }
    EXPECT_LE(slow, 30U) << "only probes wait for an answer";
    EXPECT_EQ(refused_after, 0U);
    EXPECT_TRUE(simulation.reviews().back().is_granted());
    EXPECT_LE(simulation.calls, 1000U + 4000U + 400U);
}

}  // namespace
}  // namespace arngate::sts
