#pragma once

#include "core/base/clock.hpp"

#include <algorithm>
#include <chrono>

namespace arngate {

/// An absolute point in time by which an operation must be over. Layers pass it down and take what is left of it.
class Deadline {
public:
    explicit Deadline(SteadyTime at) noexcept : at_(at) {}

    [[nodiscard]] static Deadline after(std::chrono::steady_clock::duration span) noexcept {
        return Deadline(std::chrono::steady_clock::now() + span);
    }

    [[nodiscard]] SteadyTime at() const noexcept { return at_; }
    [[nodiscard]] bool passed(SteadyTime now = std::chrono::steady_clock::now()) const noexcept { return now >= at_; }
    [[nodiscard]] std::chrono::steady_clock::duration remaining(SteadyTime now = std::chrono::steady_clock::now())
        const noexcept {
        return std::max(at_ - now, std::chrono::steady_clock::duration::zero());
    }
    /// The earlier of this deadline and `span` from now.
    [[nodiscard]] Deadline no_later_than(std::chrono::steady_clock::duration span) const noexcept {
        return Deadline(std::min(at_, std::chrono::steady_clock::now() + span));
    }

private:
    SteadyTime at_;
};

}  // namespace arngate
