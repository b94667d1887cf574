#include "bench/arngate-bench/pacer.hpp"
#include "bench/arngate-bench/recorder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace arngate::bench {
namespace {

constexpr Nanos ms = nanos_per_second / 1000;

TEST(Pacer, GivesEqualDistancesThatDoNotDrift) {
    Pacer pacer({.load = Load::constant, .rate = 3, .begin = 100, .end = 1000 * nanos_per_second}, {});
    for (std::int64_t number = 0; number < 2999; ++number) {
        ASSERT_EQ(pacer.take(1000 * nanos_per_second), 100 + number * nanos_per_second / 3) << number;
    }
}

TEST(Pacer, SharesInterleaveToOneSequence) {
    std::vector<Nanos> times;
    for (unsigned number = 0; number < 3; ++number) {
        Pacer pacer(
            {.load = Load::constant, .rate = 1000, .begin = 0, .end = nanos_per_second, .limit = 10},
            {.number = number, .of = 3}
        );
        while (const auto time = pacer.take(nanos_per_second)) {
            times.push_back(*time);
        }
    }
    std::ranges::sort(times);
    ASSERT_EQ(times.size(), 10U);
    for (std::size_t number = 0; number < times.size(); ++number) {
        EXPECT_EQ(times[number], static_cast<Nanos>(number) * ms);
    }
}

TEST(Pacer, OmitsNothingWhenTheServerStalls) {
    // 100 arrivals a second; one slot; a server that answers nothing for a second and everything at once then.
    Pacer pacer({.load = Load::constant, .rate = 100, .begin = 0, .end = 2 * nanos_per_second}, {});
    Recorder recorder(0, nanos_per_second);
    const auto held = pacer.take(0);
    ASSERT_EQ(held, 0);
    const Nanos now = nanos_per_second;
    recorder.answered({.ticket = 0, .status = 200, .verdict = Verdict::granted}, TokenKind::valid, *held, now);
    while (const auto intended = pacer.take(now)) {
        recorder.answered({.ticket = 0, .status = 200, .verdict = Verdict::granted}, TokenKind::valid, *intended, now);
    }
    recorder.finish();
    const auto windows = recorder.take_finished();
    ASSERT_EQ(windows.size(), 1U);
    EXPECT_EQ(windows[0].counts.granted, 101U);
    EXPECT_EQ(windows[0].latency.max(), static_cast<std::uint64_t>(nanos_per_second));
    // Half of those that came during the stall waited for half of it, whatever was sent when.
    EXPECT_NEAR(static_cast<double>(windows[0].latency.percentile(50)), 500e6, 10e6);
}

TEST(Pacer, HerdArrivesAllAtOnceAndIsThenOver) {
    Pacer pacer({.load = Load::herd, .begin = 5, .end = 100, .limit = 3}, {});
    EXPECT_EQ(pacer.take(4), std::nullopt);
    EXPECT_EQ(pacer.take(5), 5);
    EXPECT_EQ(pacer.take(6), 5);
    EXPECT_FALSE(pacer.is_over(7));
    EXPECT_EQ(pacer.take(7), 5);
    EXPECT_TRUE(pacer.is_over(7));
    EXPECT_EQ(pacer.take(8), std::nullopt);
}

TEST(Pacer, ClosedLoopIntendsNowUntilTheEnd) {
    Pacer pacer({.load = Load::closed, .begin = 10, .end = 20}, {});
    EXPECT_EQ(pacer.take(9), std::nullopt);
    EXPECT_EQ(pacer.take(12), 12);
    EXPECT_EQ(pacer.take(19), 19);
    EXPECT_EQ(pacer.take(20), std::nullopt);
    EXPECT_TRUE(pacer.is_over(20));
}

TEST(Pacer, NothingArrivesAtTheEndOrAfter) {
    Pacer pacer({.load = Load::constant, .rate = 1000, .begin = 0, .end = 2 * ms}, {});
    EXPECT_EQ(pacer.take(nanos_per_second), 0);
    EXPECT_EQ(pacer.take(nanos_per_second), ms);
    EXPECT_EQ(pacer.take(nanos_per_second), std::nullopt);
}

TEST(Pacer, PoissonArrivalsHaveTheRate) {
    Pacer pacer({.load = Load::poisson, .rate = 1000, .begin = 0, .end = 100 * nanos_per_second, .seed = 7}, {});
    std::size_t count = 0;
    while (pacer.take(100 * nanos_per_second)) {
        ++count;
    }
    EXPECT_NEAR(static_cast<double>(count), 100'000.0, 6 * 317.0);
}

TEST(AliasTable, DrawsZipfInProportion) {
    const auto weights = zipf_weights(10, 1.0);
    const AliasTable table(weights);
    Random random(11);
    std::vector<double> seen(10);
    constexpr int draws = 200'000;
    for (int draw = 0; draw < draws; ++draw) {
        ++seen[table.draw(random)];
    }
    double sum = 0;
    for (const double weight : weights) {
        sum += weight;
    }
    for (std::size_t index = 0; index < weights.size(); ++index) {
        EXPECT_NEAR(seen[index] / draws, weights[index] / sum, 0.006) << index;
    }
}

TEST(AliasTable, NeverDrawsWhatHasNoWeight) {
    const std::vector<double> weights{0, 3, 0, 1};
    const AliasTable table(weights);
    Random random(5);
    for (int draw = 0; draw < 10'000; ++draw) {
        const auto index = table.draw(random);
        ASSERT_TRUE(index == 1 || index == 3);
    }
}

}  // namespace
}  // namespace arngate::bench
