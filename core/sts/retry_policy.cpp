#include "core/sts/retry_policy.hpp"

#include <algorithm>
#include <cmath>

namespace arngate::sts {

bool is_worth_retrying(Reason outcome) noexcept {
    return outcome == Reason::sts_throttled || outcome == Reason::sts_unavailable || outcome == Reason::sts_unreachable;
}

std::optional<std::chrono::nanoseconds> pause_before_retry(
    const RetryOptions& options, unsigned attempt, Reason outcome, std::chrono::nanoseconds remaining, double draw
) {
    if (attempt >= options.max_attempts || !is_worth_retrying(outcome)) {
        return std::nullopt;
    }
    using Nanoseconds = std::chrono::duration<double, std::nano>;
    const double jitter = std::clamp(options.jitter, 0.0, 1.0);
    const double growth = std::pow(std::max(options.factor, 1.0), static_cast<double>(attempt) - 1.0);
    const Nanoseconds pause = Nanoseconds(options.first_pause) * growth * (1.0 - jitter + 2.0 * jitter * draw);
    // Compared as floating point: a pause too long for an integer is too long for any deadline.
    if (!(pause < Nanoseconds(remaining))) {
        return std::nullopt;
    }
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::max(pause, Nanoseconds::zero()));
}

std::chrono::nanoseconds patience_for_turn(
    std::chrono::nanoseconds remaining, std::chrono::nanoseconds attempt_timeout
) noexcept {
    // A call takes some 100 ms where STS is near, and its timeout is far more than it ever takes; of little time most
    // is still for the wait.
    return remaining - std::min(attempt_timeout / 5, remaining / 4);
}

}  // namespace arngate::sts
