#include "config/watch/debounce.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace arngate::watch {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime start = SteadyTime() + 1h;

TEST(Debounce, ActsAfterAQuietTime) {
    Debounce debounce(100ms, 1000ms);
    EXPECT_FALSE(debounce.is_pending());
    EXPECT_EQ(debounce.touch(start), start + 100ms);
    EXPECT_TRUE(debounce.is_pending());
    EXPECT_EQ(debounce.touch(start + 99ms), start + 199ms);
    EXPECT_FALSE(debounce.is_overdue(start + 999ms));
}

TEST(Debounce, ActsAtTheLatestAfterTheLongestTime) {
    Debounce debounce(100ms, 1000ms);
    debounce.touch(start);
    EXPECT_EQ(debounce.touch(start + 900ms), start + 1000ms);
    EXPECT_EQ(debounce.touch(start + 901ms), start + 1000ms);
    EXPECT_FALSE(debounce.is_overdue(start + 999ms));
    EXPECT_TRUE(debounce.is_overdue(start + 1000ms));
}

TEST(Debounce, CountsAnewAfterAReset) {
    Debounce debounce(100ms, 1000ms);
    debounce.touch(start);
    debounce.reset();
    EXPECT_FALSE(debounce.is_pending());
    EXPECT_FALSE(debounce.is_overdue(start + 5s));
    EXPECT_EQ(debounce.touch(start + 5s), start + 5100ms);
}

}  // namespace
}  // namespace arngate::watch
