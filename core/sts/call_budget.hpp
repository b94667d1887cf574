#pragma once

#include "core/base/clock.hpp"

#include <algorithm>
#include <chrono>

namespace arngate::sts {

/// A token bucket of one second's worth. A rate of 0 means no limit. Pure: time comes in.
class CallBudget {
public:
    explicit CallBudget(double per_second) : rate_(std::max(per_second, 0.0)), level_(capacity()) {}

    /// When one can be taken; not after `now`: at once.
    [[nodiscard]] SteadyTime next(SteadyTime now) const {
        const double level = level_at(now);
        if (rate_ == 0 || level >= 1) {
            return SteadyTime::min();
        }
        const std::chrono::duration<double> wait((1 - level) / rate_);
        // Rounded up, so that what is told to come then does find one.
        return now + std::chrono::ceil<std::chrono::microseconds>(wait);
    }
    void take(SteadyTime now) {
        level_ = level_at(now) - 1;
        at_ = now;
    }
    void give_back() { level_ = std::min(level_ + 1, capacity()); }

private:
    [[nodiscard]] double capacity() const { return std::max(rate_, 1.0); }
    [[nodiscard]] double level_at(SteadyTime now) const {
        const double passed = std::chrono::duration<double>(std::max(now, at_) - at_).count();
        return std::min(level_ + passed * rate_, capacity());
    }

    double rate_;
    double level_;
    SteadyTime at_;
};

}  // namespace arngate::sts
