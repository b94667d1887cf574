#pragma once

#include "bench/arngate-bench/answer.hpp"
#include "bench/arngate-bench/histogram.hpp"
#include "bench/arngate-bench/pacer.hpp"
#include "bench/arngate-bench/token_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace arngate::bench {

/// What became of requests. Each is counted once in one of the first eight; `wrong` counts some of them again.
struct Counts {
    std::uint64_t granted = 0;
    std::uint64_t refused = 0;       ///< 200 without "authenticated", 401 or 403
    std::uint64_t throttled = 0;     ///< 429
    std::uint64_t unavailable = 0;   ///< 503
    std::uint64_t other = 0;         ///< any other answer
    std::uint64_t timed_out = 0;     ///< no answer within the time limit
    std::uint64_t disconnected = 0;  ///< the connection or stream ended before the answer
    std::uint64_t abandoned = 0;     ///< due, but not sent before the run gave up
    std::uint64_t wrong = 0;         ///< granted though invalid, or refused though valid

    Counts& operator+=(const Counts& other_counts) noexcept;
    [[nodiscard]] std::uint64_t all() const noexcept;
    /// HTTP answers.
    [[nodiscard]] std::uint64_t answered() const noexcept;
    /// Everything but the right answer.
    [[nodiscard]] std::uint64_t failed() const noexcept;
};

/// What ended in one stretch of time.
struct Window {
    std::size_t number = 0;
    Counts counts;
    Histogram latency;  ///< from the intended time; answers, time-outs and what was abandoned

    void merge(const Window& other);
};

/// Where one worker writes down what happened. The worker records without locks; finished windows are handed over under
/// one, so another thread may look at them during the run.
class Recorder {
public:
    /// Windows begin at `begin`; what was intended before is not recorded (the warm-up).
    Recorder(Nanos begin, Nanos window) : begin_(begin), window_(window) {}

    void answered(const Answer& answer, TokenKind kind, Nanos intended, Nanos now);
    void timed_out(Nanos intended, Nanos now);
    void disconnected(Nanos intended, Nanos now);
    void abandoned(Nanos intended, Nanos now);
    void sent(Nanos intended, Nanos now);

    /// Closes the window if `now` lies beyond it.
    void roll(Nanos now);
    /// Closes the last window.
    void finish();

    /// Windows closed since the last call, in order. Any thread.
    [[nodiscard]] std::vector<Window> take_finished();
    /// From the intended time to the sending. After the worker has ended.
    [[nodiscard]] const Histogram& send_delay() const noexcept { return send_delay_; }

private:
    [[nodiscard]] bool begin_record(Nanos intended, Nanos now);
    void count_latency(Nanos intended, Nanos now);

    Nanos begin_;
    Nanos window_;
    Window current_;
    Histogram send_delay_;
    std::mutex mutex_;
    std::vector<Window> finished_;  ///< guarded by mutex_
};

}  // namespace arngate::bench
