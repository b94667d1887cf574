#pragma once

#include "core/base/clock.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace arngate {

/// A token bucket: so many events at once, so many a second in the long run, and more for work that was done. Pure.
class EventBudget {
public:
    EventBudget(std::size_t burst, std::size_t per_second, SteadyTime now) noexcept
        : burst_(static_cast<double>(burst)), per_second_(static_cast<double>(per_second)), left_(burst_), then_(now) {}

    /// One event. False: the budget is used up.
    [[nodiscard]] bool spend(SteadyTime now) noexcept {
        const std::chrono::duration<double> passed = std::max(now, then_) - then_;
        left_ = std::min(burst_, left_ + passed.count() * per_second_);
        then_ = std::max(now, then_);
        if (left_ < 1) {
            return false;
        }
        left_ -= 1;
        return true;
    }
    /// Work was done that explains so many events; never more than a burst is saved.
    void earn(std::size_t events) noexcept { left_ = std::min(burst_, left_ + static_cast<double>(events)); }

private:
    double burst_;
    double per_second_;
    double left_;
    SteadyTime then_;
};

}  // namespace arngate
