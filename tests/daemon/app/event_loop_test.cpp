#include "daemon/event_loop.hpp"

#include <gtest/gtest.h>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <thread>

namespace arngate {
namespace {

TEST(EventLoop, RunsWhatIsPostedOnOneThreadOfItsOwn) {
    EventLoop loop("test");
    loop.start();
    std::promise<std::thread::id> first;
    std::promise<std::thread::id> second;
    loop.post([&] { first.set_value(std::this_thread::get_id()); });
    loop.post([&] { second.set_value(std::this_thread::get_id()); });
    const auto id = first.get_future().get();
    EXPECT_NE(id, std::this_thread::get_id());
    EXPECT_EQ(id, second.get_future().get());
    loop.finish(std::chrono::seconds(60));
}

TEST(EventLoop, FinishesWhatWasPosted) {
    EventLoop loop("test");
    loop.start();
    int done = 0;
    for (int i = 0; i < 1000; ++i) {
        loop.post([&done] { ++done; });
    }
    loop.finish(std::chrono::seconds(60));
    EXPECT_EQ(done, 1000);
}

TEST(EventLoop, DropsWhatDoesNotEnd) {
    EventLoop loop("test");
    boost::asio::steady_timer never(loop.executor(), std::chrono::steady_clock::time_point::max());
    const auto held = std::make_shared<int>(1);
    never.async_wait([held](const boost::system::error_code&) {});
    loop.start();
    EXPECT_EQ(held.use_count(), 2);
    loop.finish(std::chrono::milliseconds(0));
    EXPECT_EQ(held.use_count(), 1);
}

TEST(EventLoop, TellsThatAnActionDoesNotReturn) {
    EventLoop loop("test");
    loop.start();
    std::promise<void> running;
    std::promise<void> release;
    loop.post([&] {
        running.set_value();
        release.get_future().wait();
    });
    running.get_future().wait();
    EXPECT_FALSE(loop.try_finish(std::chrono::milliseconds(1)));
    EXPECT_FALSE(loop.try_finish(std::chrono::milliseconds(1)));
    release.set_value();
    EXPECT_TRUE(loop.try_finish(std::chrono::seconds(60)));
    EXPECT_TRUE(loop.try_finish(std::chrono::seconds(60)));
}

TEST(EventLoop, EndsWithoutHavingBeenStartedOrFinished) {
    {
        const EventLoop loop("test");
    }
    EventLoop loop("test");
    loop.finish(std::chrono::milliseconds(0));
    EventLoop running("test");
    running.start();
}

TEST(LoopCount, IsWhatWasAskedForOrAFewProcessors) {
    EXPECT_EQ(loop_count(1), 1U);
    EXPECT_EQ(loop_count(17), 17U);
    EXPECT_GE(loop_count(0), 1U);
    EXPECT_LE(loop_count(0), 4U);
}

}  // namespace
}  // namespace arngate
