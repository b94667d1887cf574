#include "core/base/deadline.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace arngate {
namespace {

using namespace std::chrono_literals;

TEST(Deadline, HasWhatIsLeftAndNeverLessThanNothing) {
    const SteadyTime start{1h};
    const Deadline deadline(start + 10s);
    EXPECT_EQ(deadline.at(), start + 10s);
    EXPECT_EQ(deadline.remaining(start), 10s);
    EXPECT_EQ(deadline.remaining(start + 10s), 0s);
    EXPECT_EQ(deadline.remaining(start + 11s), 0s);
}

TEST(Deadline, IsPassedAtItsMoment) {
    const SteadyTime start{1h};
    const Deadline deadline(start);
    EXPECT_FALSE(deadline.passed(start - 1ns));
    EXPECT_TRUE(deadline.passed(start));
    EXPECT_TRUE(deadline.passed(start + 1ns));
}

TEST(Deadline, IsOnlyEverBroughtForward) {
    const Deadline soon(SteadyTime{});
    EXPECT_EQ(soon.no_later_than(1h).at(), soon.at());
    const Deadline late(SteadyTime::max());
    EXPECT_LT(late.no_later_than(1h).at(), late.at());
}

}  // namespace
}  // namespace arngate
