#pragma once

#include "core/base/clock.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace arngate {

class EventLoop;

/// Whether every event loop still gets round to what is posted to it.
class LoopHeartbeat {
public:
    /// All must outlive this.
    LoopHeartbeat(const Clock& clock, std::vector<EventLoop*> loops);
    LoopHeartbeat(const LoopHeartbeat&) = delete;
    LoopHeartbeat& operator=(const LoopHeartbeat&) = delete;

    /// Asks each loop that has answered the last time. To be called regularly, by one thread.
    void beat();
    /// How long the slowest loop has owed an answer; zero when all have given it. From any thread.
    [[nodiscard]] SteadyTime::duration longest_silence() const;
    /// A sentence about the loop that has been silent for longest, if that is longer than `patience`. From any thread.
    [[nodiscard]] std::optional<std::string> find_trouble(SteadyTime::duration patience) const;

private:
    static constexpr SteadyTime::rep answered = 0;

    struct Pulse {
        EventLoop* loop = nullptr;
        /// When the loop was asked what it has not answered; `answered` otherwise. Shared with what is posted, which
        /// may run after this is gone.
        std::shared_ptr<std::atomic<SteadyTime::rep>> asked;
    };

    [[nodiscard]] SteadyTime::duration silence(const Pulse& pulse) const;

    const Clock& clock_;
    std::vector<Pulse> pulses_;
};

}  // namespace arngate
