#include "core/sts/adaptive_rate.hpp"

#include <algorithm>

namespace arngate::sts {
namespace {

using Seconds = std::chrono::duration<double>;

/// Below this it is hardly worth asking, and a single call takes seconds.
constexpr double least_rate = 4;
/// Of what was let through: a little less, so that what waits on the other side drains.
constexpr double keep_of_accepted = 0.92;
/// Of what was sent, when hardly anything was let through.
constexpr double keep_of_sent = 0.5;
constexpr double keep_of_rate = 0.95;
/// Growth of the rate, t seconds after a cut: 1 + linear t + square t².
constexpr double linear = 0.02;
constexpr double square = 0.03;
/// Without throttling for this long, the limit is forgotten.
constexpr std::chrono::seconds memory{60};
/// How far behind its pace the sender may be and catch up; timers are not exact.
constexpr std::chrono::milliseconds slack{20};
constexpr std::chrono::seconds moving{5};

std::int64_t tenth_of(SteadyTime now) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() / 100;
}

}  // namespace

void AdaptiveRate::Window::add(SteadyTime now) {
    const std::int64_t tenth = std::max(tenth_of(now), newest_);
    if (tenth - newest_ >= static_cast<std::int64_t>(slots)) {
        counts_.fill(0);
    } else {
        for (std::int64_t passed = newest_ + 1; passed <= tenth; ++passed) {
            counts_[static_cast<std::size_t>(passed) % slots] = 0;
        }
    }
    newest_ = tenth;
    ++counts_[static_cast<std::size_t>(tenth) % slots];
}

std::uint64_t AdaptiveRate::Window::count(SteadyTime now) const {
    const std::int64_t oldest = tenth_of(now) - static_cast<std::int64_t>(slots) + 1;
    std::uint64_t total = 0;
    for (std::int64_t tenth = std::max(oldest, newest_ - static_cast<std::int64_t>(slots) + 1); tenth <= newest_;
         ++tenth) {
        if (tenth >= 0) {
            total += counts_[static_cast<std::size_t>(tenth) % slots];
        }
    }
    return total;
}

bool AdaptiveRate::is_limited(SteadyTime now) const {
    return cut_ever_ && now < cut_at_ + memory;
}

double AdaptiveRate::rate(SteadyTime now) const {
    const double t = std::max(Seconds(now - cut_at_).count(), 0.0);
    return base_ * (1 + linear * t + square * t * t);
}

bool AdaptiveRate::is_moving(SteadyTime now) const {
    return last_accepted_ != SteadyTime::min() && now - last_accepted_ <= moving;
}

SteadyTime AdaptiveRate::next(SteadyTime now) const {
    return is_limited(now) ? paced_ : SteadyTime::min();
}

void AdaptiveRate::began(SteadyTime now) {
    began_.add(now);
    if (is_limited(now)) {
        const auto gap = std::chrono::duration_cast<SteadyTime::duration>(Seconds(1 / rate(now)));
        paced_ = std::max(paced_, now - slack) + gap;
    }
}

void AdaptiveRate::accepted(SteadyTime now) {
    accepted_.add(now);
    last_accepted_ = now;
}

bool AdaptiveRate::throttled(SteadyTime began, SteadyTime now) {
    const bool limited = is_limited(now);
    if (limited && began <= cut_at_) {
        return false;
    }
    double kept = std::max(
        keep_of_accepted * static_cast<double>(accepted_.count(now)),
        keep_of_sent * static_cast<double>(began_.count(now))
    );
    if (limited) {
        kept = std::min(kept, keep_of_rate * rate(now));
    }
    base_ = std::max(kept, least_rate);
    cut_ever_ = true;
    cut_at_ = now;
    paced_ = now;
    return true;
}

}  // namespace arngate::sts
