#pragma once

#include <chrono>

namespace arngate {

using WallTime = std::chrono::system_clock::time_point;
using SteadyTime = std::chrono::steady_clock::time_point;

/// Where time comes from, so that tests can turn it. Implementations are thread-safe.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    /// UTC, for dates inside tokens and certificates.
    [[nodiscard]] virtual WallTime wall() const = 0;
    /// Never goes back, for deadlines and expiries.
    [[nodiscard]] virtual SteadyTime steady() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] WallTime wall() const override { return std::chrono::system_clock::now(); }
    [[nodiscard]] SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace arngate
