#pragma once

#include "core/base/clock.hpp"

#include <chrono>
#include <cstdint>

namespace arngate::sts {

struct BreakerOptions {
    unsigned failures = 20;                           ///< in a row, with no answer between them, that open it; 0: never
    std::chrono::milliseconds first_pause{1'000};     ///< before the first probe
    std::chrono::milliseconds longest_pause{15'000};  ///< each probe that fails doubles the pause up to this
};

/// Whether an endpoint is worth asking. Closed: yes. Open: it has failed again and again, nobody asks. Half open: the
/// pause is over and one call probes it. Pure: time comes in.
class CircuitBreaker {
public:
    enum class State : std::uint8_t { closed, half_open, open };

    explicit CircuitBreaker(BreakerOptions options) : options_(options) {}

    /// Whether a call may begin now; with true in `half_open` it is the probe.
    [[nodiscard]] bool allows(SteadyTime now);
    /// A call begins: call after `allows`.
    void began() noexcept;
    /// A call has ended with an answer, or with no sign of life, or (`gave_up`) in a way that tells nothing. `draw` is
    /// a random number from [0, 1), so that many servers do not probe at once.
    void answered() noexcept;
    void failed(SteadyTime now, double draw) noexcept;
    void gave_up() noexcept;

    [[nodiscard]] State state() const noexcept { return state_; }
    /// Half open, and the one probe is under way.
    [[nodiscard]] bool waits_for_probe() const noexcept { return state_ == State::half_open && probing_; }

private:
    void open(SteadyTime now, double draw) noexcept;

    BreakerOptions options_;
    State state_ = State::closed;
    unsigned failures_ = 0;
    bool probing_ = false;
    std::chrono::milliseconds pause_{0};
    SteadyTime probe_at_;
};

}  // namespace arngate::sts
