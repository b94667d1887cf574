#pragma once

#include "core/base/clock.hpp"
#include "daemon/http/limits.hpp"

#include <chrono>
#include <cstdint>

namespace arngate::http {

/// What a connection's deadline is for.
enum class Wait : std::uint8_t {
    handshake,
    idle,
    head,
    body,
    busy,  ///< a handler will answer, and has a deadline of its own
    write,
    linger,
};

/// The deadline of one connection. Pure. A deadline stands as long as the same thing is waited for, so that a client
/// gains no time by sending byte after byte; only a write that makes progress starts anew.
class WaitClock {
public:
    WaitClock(const HttpLimits& limits, const Clock& clock) noexcept : limits_(limits), clock_(clock) {}

    /// From now on this is waited for; `serial` tells it from the same wait for the next request.
    void wait_for(Wait wait, std::uint64_t serial);
    /// Bytes were written.
    void progressed() noexcept { progressed_ = true; }

    [[nodiscard]] bool is_over(SteadyTime now) const noexcept { return now >= deadline_; }
    [[nodiscard]] Wait waits_for() const noexcept { return wait_; }

private:
    [[nodiscard]] std::chrono::seconds span_of(Wait wait) const noexcept;

    const HttpLimits& limits_;
    const Clock& clock_;
    SteadyTime deadline_ = SteadyTime::max();
    std::uint64_t serial_ = 0;
    Wait wait_ = Wait::handshake;
    bool progressed_ = false;
};

}  // namespace arngate::http
