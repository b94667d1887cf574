#include "daemon/http/wait_clock.hpp"

#include "tests/daemon/http/test_server.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace arngate::http {
namespace {

using namespace std::chrono_literals;

class WaitClockTest : public ::testing::Test {
protected:
    /// Whether it is over after this time, and not a moment before.
    [[nodiscard]] bool ends_after(std::chrono::milliseconds span) {
        time.advance(span - 1ms);
        const bool early = clock.is_over(time.steady());
        time.advance(1ms);
        return !early && clock.is_over(time.steady());
    }

    HttpLimits limits;
    test::TestClock time;
    WaitClock clock{limits, time};
};

TEST_F(WaitClockTest, EachWaitHasItsSpan) {
    std::uint64_t serial = 0;
    for (const auto& [wait, span] :
         {std::pair{Wait::handshake, limits.handshake_timeout},
          {Wait::idle, limits.idle_timeout},
          {Wait::head, limits.header_timeout},
          {Wait::body, limits.body_timeout},
          {Wait::write, limits.write_timeout},
          {Wait::linger, 2s}}) {
        clock.wait_for(wait, ++serial);
        EXPECT_TRUE(ends_after(span)) << static_cast<int>(wait);
    }
}

TEST_F(WaitClockTest, WaitingForTheSameGainsNoTime) {
    clock.wait_for(Wait::head, 1);
    time.advance(10s);
    clock.wait_for(Wait::head, 1);
    EXPECT_TRUE(ends_after(limits.header_timeout - 10s));
}

TEST_F(WaitClockTest, TheNextRequestHasItsOwnTime) {
    clock.wait_for(Wait::head, 1);
    time.advance(10s);
    clock.wait_for(Wait::head, 2);
    EXPECT_TRUE(ends_after(limits.header_timeout));
}

TEST_F(WaitClockTest, ProgressOfAWriteStartsAnewAndOfNothingElse) {
    clock.wait_for(Wait::write, 0);
    time.advance(10s);
    clock.progressed();
    clock.wait_for(Wait::write, 0);
    time.advance(10s);
    EXPECT_FALSE(clock.is_over(time.steady()));
    clock.wait_for(Wait::write, 0);
    EXPECT_TRUE(ends_after(limits.write_timeout - 10s));

    clock.wait_for(Wait::idle, 7);
    time.advance(10s);
    clock.progressed();
    clock.wait_for(Wait::idle, 7);
    EXPECT_TRUE(ends_after(limits.idle_timeout - 10s));
}

TEST_F(WaitClockTest, AHandlerHasNoDeadlineHere) {
    clock.wait_for(Wait::busy, 1);
    time.advance(24h);
    EXPECT_FALSE(clock.is_over(time.steady()));
}

}  // namespace
}  // namespace arngate::http
