#include "bench/arngate-bench/recorder.hpp"

#include <algorithm>
#include <utility>

namespace arngate::bench {

Counts& Counts::operator+=(const Counts& other_counts) noexcept {
    granted += other_counts.granted;
    refused += other_counts.refused;
    throttled += other_counts.throttled;
    unavailable += other_counts.unavailable;
    other += other_counts.other;
    timed_out += other_counts.timed_out;
    disconnected += other_counts.disconnected;
    abandoned += other_counts.abandoned;
    wrong += other_counts.wrong;
    return *this;
}

std::uint64_t Counts::all() const noexcept {
    return answered() + timed_out + disconnected + abandoned;
}

std::uint64_t Counts::answered() const noexcept {
    return granted + refused + throttled + unavailable + other;
}

std::uint64_t Counts::failed() const noexcept {
    return throttled + unavailable + other + timed_out + disconnected + abandoned + wrong;
}

void Window::merge(const Window& other) {
    counts += other.counts;
    latency.merge(other.latency);
}

void Recorder::roll(Nanos now) {
    if (now < begin_) {
        return;
    }
    const auto number = static_cast<std::size_t>((now - begin_) / window_);
    if (number == current_.number) {
        return;
    }
    finish();
    current_.number = number;
}

void Recorder::finish() {
    if (current_.counts.all() > 0) {
        const std::lock_guard lock(mutex_);
        finished_.push_back(std::move(current_));
    }
    current_ = Window();
}

std::vector<Window> Recorder::take_finished() {
    const std::lock_guard lock(mutex_);
    return std::exchange(finished_, {});
}

bool Recorder::begin_record(Nanos intended, Nanos now) {
    if (intended < begin_) {
        return false;
    }
    roll(now);
    return true;
}

void Recorder::count_latency(Nanos intended, Nanos now) {
    current_.latency.record(static_cast<std::uint64_t>(std::max<Nanos>(0, now - intended)));
}

void Recorder::answered(const Answer& answer, TokenKind kind, Nanos intended, Nanos now) {
    if (answer.status == 0) {
        disconnected(intended, now);
        return;
    }
    if (!begin_record(intended, now)) {
        return;
    }
    count_latency(intended, now);
    Counts& counts = current_.counts;
    if (answer.status == 200 && answer.verdict == Verdict::granted) {
        ++counts.granted;
        counts.wrong += kind == TokenKind::valid ? 0 : 1;
    } else if ((answer.status == 200 && answer.verdict == Verdict::refused) || answer.status == 401 ||
               answer.status == 403) {
        ++counts.refused;
        counts.wrong += kind == TokenKind::valid ? 1 : 0;
    } else if (answer.status == 429) {
        ++counts.throttled;
    } else if (answer.status == 503) {
        ++counts.unavailable;
    } else {
        ++counts.other;
    }
}

void Recorder::timed_out(Nanos intended, Nanos now) {
    if (begin_record(intended, now)) {
        count_latency(intended, now);
        ++current_.counts.timed_out;
    }
}

void Recorder::disconnected(Nanos intended, Nanos now) {
    if (begin_record(intended, now)) {
        ++current_.counts.disconnected;
    }
}

void Recorder::abandoned(Nanos intended, Nanos now) {
    if (begin_record(intended, now)) {
        count_latency(intended, now);
        ++current_.counts.abandoned;
    }
}

void Recorder::sent(Nanos intended, Nanos now) {
    if (intended >= begin_) {
        send_delay_.record(static_cast<std::uint64_t>(std::max<Nanos>(0, now - intended)));
    }
}

}  // namespace arngate::bench
