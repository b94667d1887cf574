#pragma once

#include "core/base/reason.hpp"

#include <chrono>
#include <optional>

namespace arngate::sts {

struct RetryOptions {
    unsigned max_attempts = 3;
    std::chrono::milliseconds first_pause{100};
    double factor = 2.0;
    double jitter = 0.5;  ///< each pause is drawn from pause × [1 - jitter, 1 + jitter]
};

/// Whether an attempt that ended so may end better when it is made again.
[[nodiscard]] bool is_worth_retrying(Reason outcome) noexcept;

/// How long to wait after attempt number `attempt` (from 1) ended with `outcome`; nothing: give up. `remaining` is what
/// is left of the deadline: a pause that would use it up is not begun. `draw` is a random number from [0, 1). Pure.
[[nodiscard]] std::optional<std::chrono::nanoseconds> pause_before_retry(
    const RetryOptions& options, unsigned attempt, Reason outcome, std::chrono::nanoseconds remaining, double draw
);

/// How long an attempt may wait for its turn when so much is left of its deadline: the rest is for the call itself. STS
/// must not be asked in vain for whoever waited longest, while others could still be answered. Pure.
[[nodiscard]] std::chrono::nanoseconds patience_for_turn(
    std::chrono::nanoseconds remaining, std::chrono::nanoseconds attempt_timeout
) noexcept;

}  // namespace arngate::sts
