#include "bench/arngate-bench/worker.hpp"

#include <fmt/format.h>

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace arngate::bench {
namespace {

constexpr Nanos millisecond = nanos_per_second / 1000;
constexpr Nanos sweep_distance = 50 * millisecond;
constexpr std::uint64_t timer_event = ~std::uint64_t{0};
constexpr int events_at_once = 256;

}  // namespace

Nanos steady_now() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

Worker::Worker(const ConnectionPlan& plan, std::size_t connections, TokenPool& pool, std::uint64_t seed)
    : plan_(plan), pool_(pool), random_(seed), places_(connections) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = timer_event}};
    if (epoll_ < 0 || timer_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, timer_, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "no event loop");
    }
    for (Place& place : places_) {
        place.connection = std::make_unique<Connection>(plan);
    }
    closed_ = places_.size();
}

Worker::~Worker() {
    ::close(timer_);
    ::close(epoll_);
}

void Worker::watch(std::size_t number, bool is_new) {
    Place& place = places_[number];
    if (place.connection->is_closed()) {
        ++closed_;
        return;
    }
    const bool wants_write = place.connection->wants_write();
    if (!is_new && wants_write == place.waits_for_write) {
        return;
    }
    place.waits_for_write = wants_write;
    const std::uint32_t also = wants_write ? std::uint32_t{EPOLLOUT} : 0U;
    epoll_event event{.events = EPOLLIN | also, .data = {.u64 = number}};
    ::epoll_ctl(epoll_, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, place.connection->descriptor(), &event);
}

void Worker::note_ready(std::size_t number) {
    Place& place = places_[number];
    if (!place.is_ready && place.connection->can_send()) {
        place.is_ready = true;
        ready_.push_back(number);
    }
}

void Worker::reopen(Nanos now) {
    if (closed_ == 0) {
        return;
    }
    closed_ = 0;
    for (std::size_t number = 0; number < places_.size(); ++number) {
        Connection& connection = *places_[number].connection;
        if (!connection.is_closed()) {
            continue;
        }
        if (connection.retry_at() > now) {
            ++closed_;
            continue;
        }
        connection.open(now);
        connection.proceed(nullptr, now);
        watch(number, true);
    }
}

void Worker::wait(Nanos until, Recorder* recorder) {
    const Nanos left = until - steady_now();
    int timeout_ms = 0;
    if (left > 0) {
        // Whole milliseconds by epoll itself; the rest, which matters at high rates, by the timer.
        timeout_ms = static_cast<int>(std::min<Nanos>(left / millisecond + 1, 1000));
        if (left < 5 * millisecond) {
            const itimerspec when{
                .it_interval = {}, .it_value = {.tv_sec = until / nanos_per_second, .tv_nsec = until % nanos_per_second}
            };
            ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
        }
    }
    std::array<epoll_event, events_at_once> events;
    const int count = ::epoll_wait(epoll_, events.data(), events_at_once, timeout_ms);
    const Nanos now = steady_now();
    for (int index = 0; index < count; ++index) {
        const std::uint64_t number = events[static_cast<std::size_t>(index)].data.u64;
        if (number == timer_event) {
            std::uint64_t expirations = 0;
            static_cast<void>(::read(timer_, &expirations, sizeof expirations));
            continue;
        }
        Connection& connection = *places_[number].connection;
        if (!connection.is_closed()) {
            connection.proceed(recorder, now);
            watch(number, false);
            note_ready(number);
        }
    }
}

std::expected<void, std::string> Worker::connect(const std::atomic<bool>& stop) {
    const Nanos deadline = steady_now() + plan_.timeout;
    const auto is_open = [](const Place& place) { return place.connection->is_open(); };
    std::string failure;
    while (!stop && !std::ranges::all_of(places_, is_open)) {
        const Nanos now = steady_now();
        if (now >= deadline) {
            return std::unexpected(fmt::format(
                "cannot connect to {}: {}",
                plan_.target.authority_name(),
                failure.empty() ? "it takes too long" : failure
            ));
        }
        reopen(now);
        wait(now + 10 * millisecond, nullptr);
        for (const Place& place : places_) {
            if (!place.connection->failure().empty()) {
                failure = place.connection->failure();
            }
        }
    }
    return {};
}

void Worker::send_due(Pacer& pacer, Recorder& recorder, Nanos now) {
    while (!ready_.empty() && !ran_out_) {
        const std::size_t number = ready_.front();
        Place& place = places_[number];
        if (!place.connection->can_send()) {
            place.is_ready = false;
            ready_.pop_front();
            continue;
        }
        const auto intended = pacer.take(now);
        if (!intended) {
            break;
        }
        const auto review = pool_.draw(random_);
        if (!review) {
            ran_out_ = true;
            break;
        }
        place.connection->send(*review, *intended, now);
        recorder.sent(*intended, now);
        if (!place.is_written_to) {
            place.is_written_to = true;
            written_to_.push_back(number);
        }
        // To the end of the queue, so that connections take turns.
        ready_.pop_front();
        place.is_ready = false;
        note_ready(number);
    }
    for (const std::size_t number : written_to_) {
        Place& place = places_[number];
        place.is_written_to = false;
        if (!place.connection->is_closed()) {
            place.connection->flush(&recorder, now);
            watch(number, false);
        }
    }
    written_to_.clear();
}

std::size_t Worker::in_flight() const {
    std::size_t sum = 0;
    for (const Place& place : places_) {
        sum += place.connection->in_flight();
    }
    return sum;
}

Nanos Worker::wake_up_at(const Pacer& pacer, Nanos now) const {
    Nanos wake = now + sweep_distance;
    if (!ready_.empty() && !ran_out_ && !pacer.is_over(now)) {
        wake = std::min(wake, pacer.next().value_or(wake));
    }
    if (closed_ > 0) {
        for (const Place& place : places_) {
            if (place.connection->is_closed()) {
                wake = std::min(wake, place.connection->retry_at());
            }
        }
    }
    return wake;
}

void Worker::give_up(Pacer& pacer, Recorder& recorder, Nanos now) {
    for (const Place& place : places_) {
        if (!place.connection->is_closed()) {
            place.connection->give_up(recorder, now);
        }
    }
    while (const auto intended = pacer.take(now)) {
        recorder.abandoned(*intended, now);
    }
}

void Worker::run(Pacer pacer, Recorder& recorder, Nanos give_up_at, const std::atomic<bool>& stop) {
    for (std::size_t number = 0; number < places_.size(); ++number) {
        note_ready(number);
    }
    Nanos swept = steady_now();
    while (!stop.load(std::memory_order_relaxed)) {
        const Nanos now = steady_now();
        if (now >= give_up_at) {
            give_up(pacer, recorder, now);
            break;
        }
        reopen(now);
        send_due(pacer, recorder, now);
        recorder.roll(now);
        if ((ran_out_ || pacer.is_over(now)) && in_flight() == 0) {
            break;
        }
        if (now - swept >= sweep_distance) {
            swept = now;
            for (std::size_t number = 0; number < places_.size(); ++number) {
                if (!places_[number].connection->is_closed()) {
                    places_[number].connection->sweep(recorder, now);
                    watch(number, false);
                    note_ready(number);
                }
            }
        }
        wait(wake_up_at(pacer, now), &recorder);
    }
    recorder.finish();
}

std::uint64_t Worker::handshakes() const noexcept {
    std::uint64_t sum = 0;
    for (const Place& place : places_) {
        sum += place.connection->times_opened();
    }
    return sum;
}

}  // namespace arngate::bench
