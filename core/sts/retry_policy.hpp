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

}  // namespace arngate::sts
