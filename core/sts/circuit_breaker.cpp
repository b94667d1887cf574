#include "core/sts/circuit_breaker.hpp"

#include <algorithm>

namespace arngate::sts {

bool CircuitBreaker::allows(SteadyTime now) {
    if (state_ == State::open && now >= probe_at_) {
        state_ = State::half_open;
        probing_ = false;
    }
    return state_ == State::closed || (state_ == State::half_open && !probing_);
}

void CircuitBreaker::began() noexcept {
    probing_ = state_ == State::half_open;
}

void CircuitBreaker::answered() noexcept {
    state_ = State::closed;
    failures_ = 0;
    probing_ = false;
    pause_ = std::chrono::milliseconds::zero();
}

void CircuitBreaker::failed(SteadyTime now, double draw) noexcept {
    if (state_ == State::open) {
        return;  // a call from before it opened
    }
    if (state_ == State::half_open) {
        pause_ = std::min(pause_ * 2, options_.longest_pause);
        open(now, draw);
        return;
    }
    ++failures_;
    if (options_.failures != 0 && failures_ >= options_.failures) {
        pause_ = std::min(options_.first_pause, options_.longest_pause);
        open(now, draw);
    }
}

void CircuitBreaker::gave_up() noexcept {
    probing_ = false;
}

void CircuitBreaker::open(SteadyTime now, double draw) noexcept {
    state_ = State::open;
    probing_ = false;
    const std::chrono::duration<double, std::milli> pause = pause_ * (0.75 + draw / 2);
    probe_at_ = now + std::chrono::duration_cast<SteadyTime::duration>(pause);
}

}  // namespace arngate::sts
