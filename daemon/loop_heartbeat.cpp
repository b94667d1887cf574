#include "daemon/loop_heartbeat.hpp"

#include "daemon/event_loop.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace arngate {

LoopHeartbeat::LoopHeartbeat(const Clock& clock, std::vector<EventLoop*> loops) : clock_(clock) {
    for (EventLoop* loop : loops) {
        pulses_.push_back({loop, std::make_shared<std::atomic<SteadyTime::rep>>(answered)});
    }
}

void LoopHeartbeat::beat() {
    for (const Pulse& pulse : pulses_) {
        if (pulse.asked->load(std::memory_order_relaxed) != answered) {
            continue;
        }
        // Zero means something else; a clock that stands there is one tick ahead.
        const SteadyTime::rep now = std::max<SteadyTime::rep>(clock_.steady().time_since_epoch().count(), 1);
        pulse.asked->store(now, std::memory_order_relaxed);
        pulse.loop->post([asked = pulse.asked] { asked->store(answered, std::memory_order_relaxed); });
    }
}

SteadyTime::duration LoopHeartbeat::silence(const Pulse& pulse) const {
    const SteadyTime::rep asked = pulse.asked->load(std::memory_order_relaxed);
    if (asked == answered) {
        return SteadyTime::duration::zero();
    }
    return clock_.steady().time_since_epoch() - SteadyTime::duration(asked);
}

SteadyTime::duration LoopHeartbeat::longest_silence() const {
    auto longest = SteadyTime::duration::zero();
    for (const Pulse& pulse : pulses_) {
        longest = std::max(longest, silence(pulse));
    }
    return longest;
}

std::optional<std::string> LoopHeartbeat::find_trouble(SteadyTime::duration patience) const {
    for (std::size_t i = 0; i < pulses_.size(); ++i) {
        if (const auto silent = silence(pulses_[i]); silent > patience) {
            return fmt::format(
                "event loop {} has not run for {} s",
                i,
                std::chrono::duration_cast<std::chrono::seconds>(silent).count()
            );
        }
    }
    return std::nullopt;
}

}  // namespace arngate
