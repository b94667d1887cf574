#pragma once

#include "core/base/clock.hpp"

#include <algorithm>
#include <chrono>

namespace arngate::ec2 {

/// So many a second, and so many at once after a pause. Pure: time comes in. Not thread-safe.
class TokenBucket {
public:
    /// Full at the start. Both at least 1.
    TokenBucket(double per_second, double burst) : per_second_(per_second), burst_(burst), tokens_(burst) {}

    /// Takes one if there is one.
    [[nodiscard]] bool take(SteadyTime now) {
        refill(now);
        if (tokens_ < 1.0) {
            return false;
        }
        tokens_ -= 1.0;
        return true;
    }

    /// When there will be one to take; not after `now` when there is one.
    [[nodiscard]] SteadyTime next(SteadyTime now) {
        refill(now);
        if (tokens_ >= 1.0) {
            return now;
        }
        using Seconds = std::chrono::duration<double>;
        // A tick more than the quotient, so that rounding never wakes the caller too early.
        return now + std::chrono::duration_cast<SteadyTime::duration>(Seconds((1.0 - tokens_) / per_second_)) +
               SteadyTime::duration(1000);
    }

private:
    void refill(SteadyTime now) {
        const std::chrono::duration<double> passed = now - last_;
        if (passed.count() > 0) {
            tokens_ = std::min(burst_, tokens_ + passed.count() * per_second_);
            last_ = now;
        }
    }

    double per_second_;
    double burst_;
    double tokens_;
    SteadyTime last_{};
};

}  // namespace arngate::ec2
