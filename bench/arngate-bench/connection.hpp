#pragma once

#include "bench/arngate-bench/http_client.hpp"
#include "bench/arngate-bench/pacer.hpp"
#include "bench/arngate-bench/recorder.hpp"
#include "bench/arngate-bench/target.hpp"
#include "bench/arngate-bench/tls.hpp"
#include "bench/arngate-bench/token_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace arngate::bench {

/// What all connections of a run have in common. Outlives them.
struct ConnectionPlan {
    Target target;
    SocketAddress address;
    Protocol protocol = Protocol::h1;
    TlsContext tls;
    std::size_t streams = 1;                    ///< requests at once on one connection
    std::uint64_t requests_per_connection = 0;  ///< then a new one is made; 0: no end
    Nanos timeout = 10 * nanos_per_second;      ///< of an answer, and of connecting
};

/// One connection to the webhook with what is under way on it, made anew when it ends. Waits for nothing: its owner
/// says when the socket is ready and what time it is. Not thread-safe.
class Connection {
public:
    explicit Connection(const ConnectionPlan& plan);

    /// Begins to connect. Throws as TlsStream does.
    void open(Nanos now);
    /// Reads, writes and goes on connecting as far as the socket lets it.
    void proceed(Recorder* recorder, Nanos now);
    /// Sends a review; needs `can_send`. Bytes leave with the next `flush`.
    void send(const DrawnReview& review, Nanos intended, Nanos now);
    void flush(Recorder* recorder, Nanos now);
    /// Gives up on what has waited too long.
    void sweep(Recorder& recorder, Nanos now);
    /// Gives up on everything under way.
    void give_up(Recorder& recorder, Nanos now);

    [[nodiscard]] bool can_send() const;
    [[nodiscard]] bool is_open() const noexcept { return state_ == State::open; }
    /// There is no socket: `open` at `retry_at`.
    [[nodiscard]] bool is_closed() const noexcept { return state_ == State::closed; }
    [[nodiscard]] Nanos retry_at() const noexcept { return retry_at_; }
    [[nodiscard]] std::size_t in_flight() const noexcept { return flights_.size() - free_.size(); }
    [[nodiscard]] int descriptor() const noexcept { return stream_->descriptor(); }
    /// Whether to wait for the socket to be writable; readable always.
    [[nodiscard]] bool wants_write() const noexcept;
    /// Why it could not be opened the last time; empty when it could.
    [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
    /// Handshakes that were completed.
    [[nodiscard]] std::uint64_t times_opened() const noexcept { return times_opened_; }

private:
    enum class State : std::uint8_t { closed, connecting, open };
    struct Flight {
        Nanos intended = 0;
        Nanos sent = 0;
        TokenKind kind = TokenKind::valid;
        bool is_live = false;
    };

    void go_on_connecting(Nanos now);
    void take_answers(Recorder* recorder, Nanos now);
    void close(Recorder* recorder, Nanos now, std::string why);
    void release(std::uint32_t ticket);
    [[nodiscard]] bool is_spent() const;

    const ConnectionPlan& plan_;
    State state_ = State::closed;
    std::unique_ptr<TlsStream> stream_;
    std::unique_ptr<HttpClient> http_;
    std::vector<Flight> flights_;  ///< by ticket
    std::vector<std::uint32_t> free_;
    std::string input_;
    std::string output_;
    std::uint64_t sent_ = 0;  ///< since it was opened
    std::uint64_t times_opened_ = 0;
    Nanos opened_at_ = 0;
    Nanos retry_at_ = 0;
    unsigned failures_ = 0;  ///< in a row
    std::string failure_;
};

}  // namespace arngate::bench
