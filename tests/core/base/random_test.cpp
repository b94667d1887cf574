#include "core/base/random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace arngate {
namespace {

TEST(Random, KeysDiffer) {
    EXPECT_NE(random_key(), random_key());
}

TEST(Random, StaysBelowItsBound) {
    EXPECT_EQ(random_below(1), 0U);
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto value = random_below(3);
        ASSERT_LT(value, 3U);
        seen.insert(value);
    }
    EXPECT_EQ(seen.size(), 3U);
}

TEST(Random, DrawsFromZeroToBelowOne) {
    double sum = 0;
    for (int i = 0; i < 1000; ++i) {
        const double value = random_draw();
        ASSERT_GE(value, 0);
        ASSERT_LT(value, 1);
        sum += value;
    }
    EXPECT_NEAR(sum / 1000, 0.5, 0.1);
}

}  // namespace
}  // namespace arngate
