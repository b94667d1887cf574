#include "core/ec2/token_bucket.hpp"

#include <gtest/gtest.h>

namespace arngate::ec2 {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime start{1h};

TEST(TokenBucket, GivesTheBurstAtOnceAndThenTheRate) {
    TokenBucket bucket(10, 3);
    EXPECT_EQ(bucket.next(start), start);
    EXPECT_TRUE(bucket.take(start));
    EXPECT_TRUE(bucket.take(start));
    EXPECT_TRUE(bucket.take(start));
    EXPECT_FALSE(bucket.take(start));
    EXPECT_FALSE(bucket.take(start + 99ms));
    const SteadyTime next = bucket.next(start + 99ms);
    EXPECT_GE(next, start + 100ms);
    EXPECT_LE(next, start + 101ms);
    EXPECT_TRUE(bucket.take(next));
    EXPECT_FALSE(bucket.take(next));
}

TEST(TokenBucket, SavesNoMoreThanTheBurst) {
    TokenBucket bucket(10, 2);
    EXPECT_TRUE(bucket.take(start));
    EXPECT_TRUE(bucket.take(start + 1h));
    EXPECT_TRUE(bucket.take(start + 1h));
    EXPECT_FALSE(bucket.take(start + 1h));
}

TEST(TokenBucket, ANextThatIsWaitedForIsThere) {
    for (const double rate : {1.0, 3.0, 7.0, 15.0, 999.0, 1000.0}) {
        TokenBucket bucket(rate, 1);
        SteadyTime now = start;
        for (int i = 0; i < 1000; ++i) {
            ASSERT_TRUE(bucket.take(now)) << rate << " " << i;
            now = bucket.next(now);
        }
    }
}

TEST(TokenBucket, TimeThatGoesBackGivesNothing) {
    TokenBucket bucket(10, 1);
    EXPECT_TRUE(bucket.take(start));
    EXPECT_FALSE(bucket.take(start - 1h));
    EXPECT_FALSE(bucket.take(start));
}

}  // namespace
}  // namespace arngate::ec2
