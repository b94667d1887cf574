#pragma once

#include "bench/arngate-bench/recorder.hpp"
#include "bench/arngate-bench/result.hpp"

#include <string>
#include <vector>

namespace arngate::bench {

/// Puts the workers' windows together: totals, the curves over time, and the line of progress. Not thread-safe.
class Timeline {
public:
    explicit Timeline(Nanos window) : window_(window) {}

    void add(const Window& window);

    /// What was added since the last call, for a person who watches; empty when there was nothing.
    [[nodiscard]] std::string take_progress(Nanos since_begin);

    /// The curves of a run of this length. Windows in which nothing ended are there, as zeros.
    [[nodiscard]] std::vector<TimelinePoint> points(Nanos length) const;
    [[nodiscard]] const Window& total() const noexcept { return total_; }

private:
    Nanos window_;
    std::vector<Window> windows_;  ///< by number
    Window total_;
    Window news_;
    Nanos news_since_ = 0;
};

}  // namespace arngate::bench
