#pragma once

#include "bench/arngate-bench/connection.hpp"
#include "bench/arngate-bench/pacer.hpp"
#include "bench/arngate-bench/recorder.hpp"
#include "bench/arngate-bench/token_pool.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace arngate::bench {

/// Now, on the steady clock.
[[nodiscard]] Nanos steady_now() noexcept;

/// One thread's share of the load: some connections and the loop that drives them. `connect` and `run` are called one
/// after the other, from any thread.
class Worker {
public:
    /// The plan and the pool outlive the worker.
    Worker(const ConnectionPlan& plan, std::size_t connections, TokenPool& pool, std::uint64_t seed);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker();

    /// Opens all connections. Fails with a text for the user when one is still not open after the plan's time limit.
    [[nodiscard]] std::expected<void, std::string> connect(const std::atomic<bool>& stop);

    /// Sends what the pacer says until it has no more and everything is answered, or until `give_up_at`: what is
    /// under way then has timed out, what is due and unsent is abandoned. `stop` ends it at once, with neither.
    void run(Pacer pacer, Recorder& recorder, Nanos give_up_at, const std::atomic<bool>& stop);

    /// Whether a pool of tokens to be used once ran out.
    [[nodiscard]] bool ran_out() const noexcept { return ran_out_; }
    [[nodiscard]] std::uint64_t handshakes() const noexcept;

private:
    struct Place {
        std::unique_ptr<Connection> connection;
        bool is_ready = false;       ///< in ready_
        bool is_written_to = false;  ///< in written_to_
        bool waits_for_write = false;
    };

    void watch(std::size_t number, bool is_new);
    void wait(Nanos until, Recorder* recorder);
    void reopen(Nanos now);
    void note_ready(std::size_t number);
    void send_due(Pacer& pacer, Recorder& recorder, Nanos now);
    [[nodiscard]] std::size_t in_flight() const;
    [[nodiscard]] Nanos wake_up_at(const Pacer& pacer, Nanos now) const;
    void give_up(Pacer& pacer, Recorder& recorder, Nanos now);

    const ConnectionPlan& plan_;
    TokenPool& pool_;
    Random random_;
    int epoll_ = -1;
    int timer_ = -1;
    std::vector<Place> places_;
    std::deque<std::size_t> ready_;  ///< connections that may take a request, in turn
    std::vector<std::size_t> written_to_;
    std::size_t closed_ = 0;  ///< connections without a socket, at the last look
    bool ran_out_ = false;
};

}  // namespace arngate::bench
