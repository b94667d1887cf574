#pragma once

#include "core/base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace arngate::http {

/// Lets so many events through in a window and counts the others, so that a client cannot fill the log. Not
/// thread-safe.
class RateLimit {
public:
    RateLimit(unsigned events, std::chrono::steady_clock::duration window) noexcept
        : events_(events), window_(window) {}

    /// Nothing: hold this one back. Else how many were held back since the last that passed.
    [[nodiscard]] std::optional<std::uint64_t> pass(SteadyTime now) noexcept {
        if (now >= window_end_) {
            window_end_ = now + window_;
            passed_ = 0;
        }
        if (passed_ >= events_) {
            ++held_back_;
            return std::nullopt;
        }
        ++passed_;
        return std::exchange(held_back_, 0);
    }

private:
    unsigned events_;
    std::chrono::steady_clock::duration window_;
    SteadyTime window_end_ = SteadyTime::min();
    unsigned passed_ = 0;
    std::uint64_t held_back_ = 0;
};

}  // namespace arngate::http
