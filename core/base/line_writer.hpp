#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace arngate::log {

enum class Urgency : std::uint8_t { can_wait, at_once };

/// Brings lines to standard error, in the order they come: at once, on the caller's thread, or through a background
/// thread. That thread collects for a few milliseconds and writes what came in one go, so that a line costs its caller
/// a copy, and seldom a system call. What waits is bounded in bytes: then the oldest lines are dropped, some hundred of
/// them at a time, and counted; a caller never waits for whoever reads. Thread-safe.
class LineWriter {
public:
    using Sink = std::function<void(std::string_view line)>;

    LineWriter() = default;
    /// Writes what waits.
    ~LineWriter();
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    /// From now on in the background, with at most so many bytes waiting.
    void start(std::size_t max_bytes);
    /// Writes what waits, and from now on at once. Waits for the reader of standard error.
    void stop();
    /// Where lines go instead of standard error, without their end; empty: standard error. `sink` must not log.
    void set_sink(Sink sink);

    /// `line` has no line end. Lines that are urgent are not kept back to collect more.
    void write(std::string_view line, Urgency urgency);
    /// Waits until what was written before has reached standard error. False: it took longer than this.
    bool flush(std::chrono::milliseconds patience);
    /// Lines dropped so far.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

private:
    /// Whole lines with their ends.
    struct Chunk {
        std::string text;
        std::uint64_t lines = 0;
    };

    void enqueue(std::string_view line);
    void drop_oldest();
    void run();
    [[nodiscard]] Chunk take(std::unique_lock<std::mutex>& lock);
    void emit(std::string_view text);

    std::mutex mutex_;  ///< guards what follows
    std::condition_variable wake_;
    std::condition_variable written_;
    std::deque<Chunk> waiting_;
    std::string spare_;  ///< the memory of a chunk that was written
    std::size_t waiting_bytes_ = 0;
    std::size_t max_bytes_ = 0;
    std::uint64_t added_ = 0;  ///< lines that ever waited
    std::uint64_t done_ = 0;   ///< of those, written or dropped
    bool in_background_ = false;
    bool stopping_ = false;
    bool urgent_ = false;

    std::atomic<std::uint64_t> dropped_{0};
    std::mutex control_;  ///< held by start and stop
    std::thread thread_;
    std::mutex output_;  ///< held while writing
    Sink sink_;          ///< guarded by output_
    std::string line_;   ///< guarded by output_: a line with its end
};

}  // namespace arngate::log
