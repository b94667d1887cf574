#include "daemon/loop_heartbeat.hpp"

#include "daemon/event_loop.hpp"
#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <optional>

namespace arngate {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Optional;

/// Waits until the loop has run what was posted before.
void settle(EventLoop& loop) {
    std::promise<void> done;
    loop.post([&done] { done.set_value(); });
    done.get_future().wait();
}

TEST(LoopHeartbeat, FindsALoopThatDoesNotRun) {
    ManualClock clock;
    EventLoop running("running");
    EventLoop stuck("stuck");
    running.start();
    LoopHeartbeat heartbeat(clock, {&running, &stuck});
    EXPECT_EQ(heartbeat.longest_silence(), 0s);

    heartbeat.beat();
    settle(running);
    clock.advance(12s);
    EXPECT_EQ(heartbeat.longest_silence(), 12s);
    EXPECT_EQ(heartbeat.find_trouble(12s), std::nullopt);
    EXPECT_THAT(heartbeat.find_trouble(11s), Optional(HasSubstr("event loop 1 has not run for 12 s")));

    // What is asked again is not asked from the start.
    heartbeat.beat();
    clock.advance(1s);
    EXPECT_EQ(heartbeat.longest_silence(), 13s);

    stuck.start();
    settle(stuck);
    settle(running);
    EXPECT_EQ(heartbeat.longest_silence(), 0s);
    EXPECT_EQ(heartbeat.find_trouble(0s), std::nullopt);
    running.finish(1s);
    stuck.finish(1s);
}

}  // namespace
}  // namespace arngate
