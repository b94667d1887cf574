#include "daemon/http/rate_limit.hpp"

#include <gtest/gtest.h>

namespace arngate::http {
namespace {

TEST(RateLimit, LetsSoManyThroughInAWindowAndCountsTheRest) {
    RateLimit limit(2, std::chrono::seconds(10));
    const SteadyTime start{std::chrono::hours(1)};
    EXPECT_EQ(limit.pass(start), 0U);
    EXPECT_EQ(limit.pass(start), 0U);
    EXPECT_FALSE(limit.pass(start));
    EXPECT_FALSE(limit.pass(start + std::chrono::milliseconds(9'999)));
    EXPECT_EQ(limit.pass(start + std::chrono::seconds(10)), 2U);
    EXPECT_EQ(limit.pass(start + std::chrono::seconds(10)), 0U);
    EXPECT_FALSE(limit.pass(start + std::chrono::seconds(10)));
}

}  // namespace
}  // namespace arngate::http
