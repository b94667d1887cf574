#pragma once

#include "core/sts/call_queue.hpp"
#include "core/sts/retry_policy.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace arngate::sts::test {

/// Reviews that go through a CallQueue to an STS that answers after a while and throttles above a rate, in virtual
/// time: nothing waits, and every run is the same.
class StsSimulation {
public:
    struct Sts {
        std::chrono::milliseconds latency{100};
        double per_second = 500;  ///< above it STS throttles, with one second's worth at once; 0: it never does
        bool per_account = false;
        std::function<bool(SteadyTime)> is_down = [](SteadyTime) { return false; };
    };
    struct Review {
        CallSource source;
        bool is_valid = true;
        SteadyTime came;
        std::optional<SteadyTime> ended;
        Reason reason = Reason::overloaded;
        unsigned attempts = 0;
        [[nodiscard]] bool is_granted() const { return ended && reason == Reason::none; }
        [[nodiscard]] double seconds() const { return std::chrono::duration<double>(*ended - came).count(); }
    };

    StsSimulation(CallLimits limits, Sts sts) : queue_(limits), sts_(std::move(sts)) {}

    /// A review comes this long after the beginning.
    std::size_t add(std::chrono::microseconds at, CallSource source, bool is_valid = true) {
        const std::size_t number = reviews_.size();
        reviews_.push_back({source, is_valid, start_ + at, std::nullopt, Reason::overloaded, 0});
        events_.emplace(start_ + at, [this, number] { ask(number, CallQueue::Place::back); });
        return number;
    }

    void run() {
        while (!events_.empty()) {
            auto event = events_.extract(events_.begin());
            now_ = event.key();
            event.mapped()();
            settle();
        }
    }

    std::chrono::seconds review_timeout{20};
    std::size_t calls = 0;
    std::size_t throttled = 0;
    std::size_t refused = 0;
    [[nodiscard]] const std::vector<Review>& reviews() const { return reviews_; }
    [[nodiscard]] const CallQueue& queue() const { return queue_; }
    [[nodiscard]] double seconds_of(const Review& review) const {
        return std::chrono::duration<double>(*review.ended - start_).count();
    }
    static SteadyTime start() { return SteadyTime(std::chrono::hours(1)); }

private:
    struct Bucket {
        std::optional<double> level;
        SteadyTime at;
    };

    void ask(std::size_t number, CallQueue::Place place) {
        Review& review = reviews_[number];
        switch (queue_.ask(number, review.source, place, now_)) {
            case CallQueue::Asked::circuit_open:
                return end(number, Reason::sts_unavailable);
            case CallQueue::Asked::waits:
                break;
        }
        const SteadyTime over = review.came + review_timeout;
        events_.emplace(
            now_ + patience_for_turn(over - now_, attempt_timeout_),
            [this, number, made = review.attempts] {
                if (!reviews_[number].ended && reviews_[number].attempts == made) {
                    const bool slowed = queue_.leave(number, now_);
                    end(number, slowed ? Reason::sts_throttled : Reason::overloaded);
                }
            }
        );
        if (review.attempts == 0) {
            events_.emplace(over, [this, number] { end(number, Reason::sts_unreachable); });
        }
    }

    void end(std::size_t number, Reason reason) {
        if (!reviews_[number].ended) {
            reviews_[number].ended = now_;
            reviews_[number].reason = reason;
        }
    }

    void settle() {
        if (queue_.circuit() == CircuitBreaker::State::open) {
            for (const auto ticket : queue_.take_waiting()) {
                end(ticket, Reason::sts_unavailable);
            }
        }
        for (const auto ticket : queue_.poll(now_)) {
            begin(ticket);
        }
        for (const auto ticket : queue_.take_excess(now_)) {
            end(ticket, Reason::overloaded);
        }
        // Timers have milliseconds, as the real ones do.
        if (const auto next = queue_.next(now_)) {
            const SteadyTime at = std::max(*next, now_ + std::chrono::milliseconds(1));
            if (at < timer_ || timer_ <= now_) {
                timer_ = at;
                events_.emplace(at, [] {});
            }
        }
    }

    void begin(std::size_t number) {
        Review& review = reviews_[number];
        ++review.attempts;
        ++calls;
        const bool is_down = sts_.is_down(now_);
        const bool passes = is_down || lets_through(review.source.account);
        events_.emplace(now_ + sts_.latency, [this, number, is_down, passes] { answer(number, is_down, passes); });
    }

    bool lets_through(std::uint64_t account) {
        if (sts_.per_second == 0) {
            return true;
        }
        Bucket& bucket = buckets_[sts_.per_account ? account : 0];
        const double passed = std::chrono::duration<double>(now_ - bucket.at).count();
        bucket.level =
            std::min(bucket.level ? *bucket.level + passed * sts_.per_second : sts_.per_second, sts_.per_second);
        bucket.at = now_;
        if (*bucket.level < 1) {
            return false;
        }
        *bucket.level -= 1;
        return true;
    }

    void answer(std::size_t number, bool is_down, bool passes) {
        Review& review = reviews_[number];
        Reason reason = review.is_valid ? Reason::none : Reason::sts_denied;
        CallOutcome outcome = review.is_valid ? CallOutcome::proven : CallOutcome::refused;
        if (is_down) {
            reason = Reason::sts_unavailable;
            outcome = CallOutcome::failed;
        } else if (!passes) {
            reason = Reason::sts_throttled;
            outcome = CallOutcome::throttled;
            ++throttled;
        } else if (!review.is_valid) {
            ++refused;
        }
        const bool goes_on = queue_.finish(number, outcome, now_, draw());
        if (review.ended) {
            return;
        }
        // What sts::Client does with it.
        const unsigned made = goes_on ? std::min(review.attempts, retry_.max_attempts - 1) : review.attempts;
        const auto left = review.came + review_timeout - now_;
        const auto pause = pause_before_retry(retry_, made, reason, left, draw());
        if (!pause) {
            return end(number, reason);
        }
        events_.emplace(now_ + std::chrono::duration_cast<SteadyTime::duration>(*pause), [this, number] {
            if (!reviews_[number].ended) {
                ask(number, CallQueue::Place::front);
            }
        });
    }

    double draw() { return static_cast<double>(random_() % 1000) / 1000; }

    CallQueue queue_;
    Sts sts_;
    RetryOptions retry_;
    const std::chrono::seconds attempt_timeout_{5};
    const SteadyTime start_ = start();
    SteadyTime now_ = start_;
    SteadyTime timer_;
    std::multimap<SteadyTime, std::function<void()>> events_;
    std::vector<Review> reviews_;
    std::map<std::uint64_t, Bucket> buckets_;
    std::mt19937_64 random_{1};  // NOLINT(bugprone-random-generator-seed): every run is the same
};

}  // namespace arngate::sts::test
