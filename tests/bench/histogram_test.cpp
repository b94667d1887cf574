#include "bench/arngate-bench/histogram.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace arngate::bench {
namespace {

TEST(Histogram, IsExactBelow256) {
    for (std::uint64_t value = 0; value < 256; ++value) {
        Histogram histogram;
        histogram.record(value);
        const auto buckets = histogram.buckets();
        ASSERT_EQ(buckets.size(), 1U);
        EXPECT_EQ(buckets[0].low, value);
        EXPECT_EQ(buckets[0].high, value);
    }
}

TEST(Histogram, KeepsItsErrorBoundAtEachPowerOfTwoAndBesideIt) {
    for (unsigned bit = 8; bit < 42; ++bit) {
        const std::uint64_t power = std::uint64_t{1} << bit;
        for (const std::uint64_t value : {power - 1, power, power + 1, power + power / 3}) {
            Histogram histogram;
            histogram.record(value);
            const auto bucket = histogram.buckets().at(0);
            EXPECT_LE(bucket.low, value);
            EXPECT_GE(bucket.high, value);
            EXPECT_LT((bucket.high - bucket.low) * 128, value) << value;
        }
    }
}

TEST(Histogram, BucketsLeaveNoGap) {
    Histogram histogram;
    for (std::uint64_t value = 0; value < 5000; ++value) {
        histogram.record(value);
    }
    std::uint64_t next = 0;
    for (const auto& bucket : histogram.buckets()) {
        EXPECT_EQ(bucket.low, next);
        next = bucket.high + 1;
    }
}

TEST(Histogram, CapsWhatIsBeyondItsRange) {
    Histogram histogram;
    histogram.record(Histogram::max_value);
    histogram.record(Histogram::max_value + 1);
    histogram.record(~std::uint64_t{0});
    EXPECT_EQ(histogram.buckets().size(), 1U);
    EXPECT_EQ(histogram.max(), Histogram::max_value);
    EXPECT_EQ(histogram.percentile(0), Histogram::max_value);
}

TEST(Histogram, GivesPercentilesByRank) {
    Histogram histogram;
    for (std::uint64_t value = 1; value <= 100; ++value) {
        histogram.record(value);
    }
    EXPECT_EQ(histogram.percentile(0), 1U);
    EXPECT_EQ(histogram.percentile(50), 50U);
    EXPECT_EQ(histogram.percentile(99), 99U);
    EXPECT_EQ(histogram.percentile(99.1), 100U);
    EXPECT_EQ(histogram.percentile(100), 100U);
    EXPECT_DOUBLE_EQ(histogram.mean(), 50.5);
}

TEST(Histogram, IsZeroWhenEmpty) {
    const Histogram histogram;
    EXPECT_EQ(histogram.percentile(99), 0U);
    EXPECT_EQ(histogram.mean(), 0);
    EXPECT_TRUE(histogram.buckets().empty());
}

TEST(Histogram, MergesToWhatOneWouldHold) {
    Histogram first;
    Histogram second;
    Histogram whole;
    for (std::uint64_t value = 1; value < 1'000'000; value = value * 3 + 1) {
        (value % 2 == 0 ? first : second).record(value, value % 5);
        whole.record(value, value % 5);
    }
    first.merge(second);
    EXPECT_EQ(first.count(), whole.count());
    EXPECT_EQ(first.max(), whole.max());
    EXPECT_EQ(first.percentile(90), whole.percentile(90));
}

}  // namespace
}  // namespace arngate::bench
