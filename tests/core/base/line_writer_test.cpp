#include "core/base/line_writer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <latch>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace arngate::log {
namespace {

constexpr std::size_t room = 1024UL * 1024;
constexpr std::chrono::seconds patience{60};

/// Takes lines; while `blocked`, the first of them stays in the reader's hands.
class Reader {
public:
    explicit Reader(LineWriter& writer) : writer_(writer) {
        writer.set_sink([this](std::string_view line) {
            if (line == "block") {
                entered_.count_down();
                released_.wait();
                return;
            }
            const std::scoped_lock lock(mutex_);
            lines_.emplace_back(line);
        });
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { writer_.set_sink({}); }

    /// Returns when the writer waits for this reader, with nothing behind that line.
    void block() {
        writer_.write("block", Urgency::at_once);
        entered_.wait();
    }
    void release() { released_.count_down(); }
    [[nodiscard]] std::vector<std::string> lines() {
        const std::scoped_lock lock(mutex_);
        return lines_;
    }

private:
    LineWriter& writer_;
    std::latch entered_{1};
    std::latch released_{1};
    std::mutex mutex_;
    std::vector<std::string> lines_;
};

/// So many bytes with its end.
std::string line_of(std::size_t bytes, std::size_t number) {
    std::string line = std::to_string(number);
    line.resize(bytes - 1, '.');
    return line;
}

TEST(LineWriter, WritesAtOnceUntilItIsStartedAndAfterItIsStopped) {
    LineWriter writer;
    Reader reader(writer);
    writer.write("a", Urgency::can_wait);
    EXPECT_EQ(reader.lines(), std::vector<std::string>{"a"});
    writer.start(room);
    writer.write("b", Urgency::can_wait);
    writer.stop();
    EXPECT_EQ(reader.lines(), (std::vector<std::string>{"a", "b"}));
    writer.write("c", Urgency::can_wait);
    EXPECT_EQ(reader.lines(), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_TRUE(writer.flush(std::chrono::milliseconds(0)));
}

TEST(LineWriter, KeepsTheOrderAndDropsNothingWhileThereIsRoom) {
    LineWriter writer;
    Reader reader(writer);
    writer.start(room);
    constexpr std::size_t count = 5000;
    for (std::size_t i = 0; i < count; ++i) {
        writer.write(std::to_string(i), i % 500 == 0 ? Urgency::at_once : Urgency::can_wait);
    }
    ASSERT_TRUE(writer.flush(patience));
    const auto lines = reader.lines();
    ASSERT_EQ(lines.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
        EXPECT_EQ(lines[i], std::to_string(i));
    }
    EXPECT_EQ(writer.dropped(), 0U);
}

TEST(LineWriter, KeepsTheOrderOfEachThread) {
    LineWriter writer;
    Reader reader(writer);
    writer.start(room);
    constexpr std::size_t threads = 4;
    constexpr std::size_t count = 500;
    std::vector<std::thread> running;
    for (std::size_t thread = 0; thread < threads; ++thread) {
        running.emplace_back([&writer, thread] {
            for (std::size_t i = 0; i < count; ++i) {
                writer.write(std::to_string(thread) + std::to_string(i), Urgency::can_wait);
            }
        });
    }
    for (std::thread& thread : running) {
        thread.join();
    }
    writer.stop();
    std::array<std::size_t, threads> next{};
    for (const std::string& line : reader.lines()) {
        const auto thread = static_cast<std::size_t>(line[0] - '0');
        EXPECT_EQ(line.substr(1), std::to_string(next[thread]++));
    }
    for (const std::size_t seen : next) {
        EXPECT_EQ(seen, count);
    }
}

TEST(LineWriter, KeepsAllThatFitsBehindABlockedReader) {
    constexpr std::size_t line_bytes = 1024;
    constexpr std::size_t fitting = room / line_bytes;
    LineWriter writer;
    Reader reader(writer);
    writer.start(room);
    reader.block();
    for (std::size_t i = 0; i < fitting; ++i) {
        writer.write(line_of(line_bytes, i), Urgency::can_wait);
    }
    EXPECT_EQ(writer.dropped(), 0U);
    reader.release();
    writer.stop();
    EXPECT_EQ(reader.lines().size(), fitting);
}

TEST(LineWriter, DropsTheOldestLinesForOneTooMany) {
    constexpr std::size_t line_bytes = 1024;
    constexpr std::size_t fitting = room / line_bytes;
    LineWriter writer;
    Reader reader(writer);
    writer.start(room);
    reader.block();
    for (std::size_t i = 0; i <= fitting; ++i) {
        writer.write(line_of(line_bytes, i), Urgency::at_once);
    }
    const std::uint64_t dropped = writer.dropped();
    EXPECT_GE(dropped, 1U);
    EXPECT_LE(dropped, 64U);  // 64 KiB of them
    EXPECT_FALSE(writer.flush(std::chrono::milliseconds(0)));
    reader.release();
    writer.stop();
    const auto lines = reader.lines();
    ASSERT_EQ(lines.size() + dropped, fitting + 1);
    EXPECT_EQ(lines.front(), line_of(line_bytes, dropped));
    EXPECT_EQ(lines.back(), line_of(line_bytes, fitting));
}

TEST(LineWriter, DropsALineThatCouldNeverWait) {
    constexpr std::size_t little_room = 16;
    LineWriter writer;
    Reader reader(writer);
    writer.start(little_room);
    writer.write(line_of(little_room + 1, 1), Urgency::can_wait);
    EXPECT_EQ(writer.dropped(), 1U);
    ASSERT_TRUE(writer.flush(patience));
    writer.write(line_of(little_room, 2), Urgency::can_wait);
    writer.stop();
    EXPECT_EQ(reader.lines(), std::vector<std::string>{line_of(little_room, 2)});
}

TEST(LineWriter, StartsAgainWithOtherBounds) {
    LineWriter writer;
    Reader reader(writer);
    for (const std::size_t bound : {room, 2 * room}) {
        writer.start(bound);
        writer.start(bound);
        writer.write("line", Urgency::can_wait);
        writer.stop();
        writer.stop();
    }
    EXPECT_EQ(reader.lines().size(), 2U);
}

}  // namespace
}  // namespace arngate::log
