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

}  // namespace
}  // namespace arngate
