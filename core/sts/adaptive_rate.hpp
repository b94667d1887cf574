#pragma once

#include "core/base/clock.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace arngate::sts {

/// How many calls a second somebody else lets through, learnt from where it throttles. Without throttling there is no
/// limit. The first throttled answer sets the rate to a little less than what was let through in the last second, or
/// half of what was sent if that is more; after that the rate grows, slowly at first, and each throttled answer to a
/// call that began after the last cut cuts it again. What was let through is the measure, so that a burst of throttled
/// answers counts once. After a while without throttling the limit is forgotten. Pure: time comes in, and never goes
/// back.
class AdaptiveRate {
public:
    /// When the next call may begin; not after `now`: at once.
    [[nodiscard]] SteadyTime next(SteadyTime now) const;
    /// A call begins.
    void began(SteadyTime now);
    /// A call has ended with an answer that was no throttling.
    void accepted(SteadyTime now);
    /// A call that began then was throttled. True: the rate was cut for it.
    bool throttled(SteadyTime began, SteadyTime now);

    [[nodiscard]] bool is_limited(SteadyTime now) const;
    /// Calls a second; only while it is limited.
    [[nodiscard]] double rate(SteadyTime now) const;
    /// Whether a call was let through in the last five seconds.
    [[nodiscard]] bool is_moving(SteadyTime now) const;

private:
    /// Events of the last second, by tenths.
    class Window {
    public:
        void add(SteadyTime now);
        [[nodiscard]] std::uint64_t count(SteadyTime now) const;

    private:
        static constexpr std::size_t slots = 10;
        std::array<std::uint32_t, slots> counts_{};
        std::int64_t newest_ = 0;  ///< the tenth of a second, since the clock's zero, of the slot last added to
    };

    Window began_;
    Window accepted_;
    SteadyTime last_accepted_ = SteadyTime::min();
    bool cut_ever_ = false;
    SteadyTime cut_at_;
    double base_ = 0;   ///< calls a second right after the last cut
    SteadyTime paced_;  ///< when the call after the last one is due
};

}  // namespace arngate::sts
