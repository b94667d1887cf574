#include "core/sts/adaptive_rate.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace arngate::sts {
namespace {

using namespace std::chrono_literals;

class AdaptiveRateTest : public testing::Test {
protected:
    AdaptiveRate rate;
    SteadyTime now{1h};
};

TEST_F(AdaptiveRateTest, HasNoLimitWithoutThrottling) {
    for (int i = 0; i < 1000; ++i) {
        EXPECT_LE(rate.next(now), now);
        rate.began(now);
        rate.accepted(now);
    }
    EXPECT_FALSE(rate.is_limited(now));
}

TEST_F(AdaptiveRateTest, TakesALittleLessThanWhatWasLetThrough) {
    for (int i = 0; i < 200; ++i) {
        rate.began(now);
        rate.accepted(now);
        now += 4ms;
    }
    EXPECT_TRUE(rate.throttled(now - 1ms, now));
    EXPECT_TRUE(rate.is_limited(now));
    EXPECT_NEAR(rate.rate(now), 200 * 0.92, 1);
}

TEST_F(AdaptiveRateTest, TakesHalfOfWhatWasSentWhenAlmostNothingIsLetThrough) {
    for (int i = 0; i < 100; ++i) {
        rate.began(now);
    }
    EXPECT_TRUE(rate.throttled(now, now + 1ms));
    EXPECT_NEAR(rate.rate(now + 1ms), 50, 0.1);
}

TEST_F(AdaptiveRateTest, CountsABurstOfThrottlingOnce) {
    for (int i = 0; i < 100; ++i) {
        rate.began(now);
    }
    EXPECT_TRUE(rate.throttled(now, now + 100ms));
    for (int i = 0; i < 99; ++i) {
        EXPECT_FALSE(rate.throttled(now, now + 100ms));
    }
    EXPECT_NEAR(rate.rate(now + 100ms), 50, 0.1);
    EXPECT_TRUE(rate.throttled(now + 101ms, now + 200ms)) << "a call of the new pace";
    EXPECT_LT(rate.rate(now + 200ms), 50);
}

TEST_F(AdaptiveRateTest, NeverFallsBelowItsLeast) {
    for (int i = 0; i < 20; ++i) {
        rate.began(now);
        now += 1s;
        EXPECT_TRUE(rate.throttled(now - 1ms, now));
    }
    EXPECT_NEAR(rate.rate(now), 4, 0.01);
}

TEST_F(AdaptiveRateTest, PacesCallsAndLetsALateOneCatchUpALittle) {
    for (int i = 0; i < 200; ++i) {
        rate.began(now);
    }
    EXPECT_TRUE(rate.throttled(now, now));
    int begun = 0;
    for (auto at = now; at < now + 1s; at += 1ms) {
        while (rate.next(at) <= at) {
            rate.began(at);
            ++begun;
        }
    }
    EXPECT_NEAR(begun, 102, 3);
    const auto later = now + 2s;
    int at_once = 0;
    while (rate.next(later) <= later) {
        rate.began(later);
        ++at_once;
    }
    EXPECT_LE(at_once, 5) << "what was not used is not saved up";
}

TEST_F(AdaptiveRateTest, GrowsAndForgets) {
    for (int i = 0; i < 100; ++i) {
        rate.began(now);
    }
    EXPECT_TRUE(rate.throttled(now, now));
    EXPECT_NEAR(rate.rate(now + 1s), 50 * 1.05, 0.1);
    EXPECT_GT(rate.rate(now + 10s), 200);
    EXPECT_TRUE(rate.is_limited(now + 60s - 1ms));
    EXPECT_FALSE(rate.is_limited(now + 60s));
}

TEST_F(AdaptiveRateTest, KnowsWhetherAnythingIsLetThrough) {
    EXPECT_FALSE(rate.is_moving(now));
    rate.accepted(now);
    EXPECT_TRUE(rate.is_moving(now + 5s));
    EXPECT_FALSE(rate.is_moving(now + 5s + 1ms));
}

TEST_F(AdaptiveRateTest, ForgetsWhatIsOlderThanASecond) {
    for (int i = 0; i < 100; ++i) {
        rate.began(now);
        rate.accepted(now);
    }
    now += 1100ms;
    rate.began(now);
    rate.accepted(now);
    EXPECT_TRUE(rate.throttled(now, now + 1ms));
    EXPECT_NEAR(rate.rate(now + 1ms), 4, 0.01);
}

}  // namespace
}  // namespace arngate::sts
