#pragma once

#include "core/base/clock.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace arngate::watch {

/// When to act on something that comes in bursts: after a time without any more of it, and at the latest after a time
/// since the first. Plain data.
class Debounce {
public:
    Debounce(std::chrono::milliseconds quiet, std::chrono::milliseconds longest) : quiet_(quiet), longest_(longest) {}

    /// It happened. Returns when to act.
    SteadyTime touch(SteadyTime now) {
        if (!first_)
            first_ = now;
        return std::min(now + quiet_, *first_ + longest_);
    }
    /// Whether it has gone on for the longest time, so that acting must not wait any more.
    [[nodiscard]] bool is_overdue(SteadyTime now) const { return first_ && now >= *first_ + longest_; }
    /// Whether it happened and was not acted on.
    [[nodiscard]] bool is_pending() const { return first_.has_value(); }
    void reset() { first_.reset(); }

private:
    std::chrono::milliseconds quiet_;
    std::chrono::milliseconds longest_;
    std::optional<SteadyTime> first_;
};

}  // namespace arngate::watch
