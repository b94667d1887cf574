#pragma once

#include "core/base/clock.hpp"

#include <atomic>
#include <chrono>

namespace arngate {

/// A clock that stands still until a test turns it. Thread-safe.
class ManualClock final : public Clock {
public:
    /// Wall time begins at 2024-01-01T00:00:00Z, steady time at an hour after its own zero.
    ManualClock() = default;
    explicit ManualClock(WallTime wall) : wall_(wall.time_since_epoch()) {}

    [[nodiscard]] WallTime wall() const override { return WallTime(wall_.load()); }
    [[nodiscard]] SteadyTime steady() const override { return SteadyTime(steady_.load()); }

    /// Both times go on.
    void advance(std::chrono::seconds span) {
        wall_ = wall_.load() + std::chrono::duration_cast<WallTime::duration>(span);
        steady_ = steady_.load() + std::chrono::duration_cast<SteadyTime::duration>(span);
    }
    /// Wall time alone is set, as when an operator sets the machine's clock.
    void set_wall(WallTime wall) { wall_ = wall.time_since_epoch(); }

private:
    std::atomic<WallTime::duration> wall_{std::chrono::sys_days(std::chrono::year(2024) / 1 / 1).time_since_epoch()};
    std::atomic<SteadyTime::duration> steady_{std::chrono::hours(1)};
};

}  // namespace arngate
