#include "daemon/http/wait_clock.hpp"

#include <utility>

namespace arngate::http {
namespace {

/// After the last answer the client's bytes are still taken for a while: closing while some are unread would make the
/// kernel reset the connection and with it the answer (RFC 9112, section 9.6).
constexpr std::chrono::seconds linger_time{2};

}  // namespace

std::chrono::seconds WaitClock::span_of(Wait wait) const noexcept {
    switch (wait) {
        case Wait::handshake:
            return limits_.handshake_timeout;
        case Wait::idle:
            return limits_.idle_timeout;
        case Wait::head:
            return limits_.header_timeout;
        case Wait::body:
            return limits_.body_timeout;
        case Wait::write:
            return limits_.write_timeout;
        case Wait::linger:
        case Wait::busy:
            break;
    }
    return linger_time;
}

void WaitClock::wait_for(Wait wait, std::uint64_t serial) {
    const bool restarts = std::exchange(progressed_, false) && wait == Wait::write;
    if (deadline_ != SteadyTime::max() && wait == wait_ && serial == serial_ && !restarts) {
        return;
    }
    wait_ = wait;
    serial_ = serial;
    deadline_ = wait == Wait::busy ? SteadyTime::max() : clock_.steady() + span_of(wait);
}

}  // namespace arngate::http
