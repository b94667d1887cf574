#pragma once

#include "core/base/clock.hpp"
#include "daemon/http/byte_stream.hpp"
#include "daemon/http/connection_set.hpp"
#include "daemon/http/session.hpp"
#include "daemon/http/wait_clock.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace arngate::http {

/// One client: moves bytes between its socket and its session, keeps the times, ends. Lives on one loop and owns itself
/// while it is open.
class Connection final : public SessionHost, public std::enable_shared_from_this<Connection> {
public:
    /// Enters the set and begins with the handshake, or in clear text with the first request. `peer` is "address:port".
    static void start(std::shared_ptr<ConnectionSet> set, boost::asio::ip::tcp::socket socket, std::string peer);

    Connection(std::shared_ptr<ConnectionSet> set, boost::asio::ip::tcp::socket socket, std::string peer);

    void resume() override;
    [[nodiscard]] bool is_over_time(SteadyTime now) const noexcept {
        return clock_.is_over(now) || (state_ == State::open && now >= session_->deadline());
    }
    /// Ends what took too long.
    void time_out();
    /// The server stops: reads once more what may have come already, then closes if there is nothing to answer.
    void drain();
    /// Closes at once. The connection may be gone afterwards.
    void close() noexcept;

private:
    friend class ConnectionSet;

    enum class State : std::uint8_t { handshake, open, lingering, closed };
    enum class Alive : bool { no, yes };

    template <class Action>
    void guarded(Action action) noexcept;
    void arm_read();
    void arm_write();
    void on_event(boost::system::error_code ec);

    void shake_hands();
    void fail_handshake();
    void open_session();
    void run(bool readable);
    void run_later();
    /// Adds what it read to `taken`, and stops when that is enough for one turn.
    [[nodiscard]] Alive read_all(std::size_t& taken);
    [[nodiscard]] Alive flush();
    void say_goodbye();
    void linger();
    void discard();
    void wait_for_client();

    std::shared_ptr<ConnectionSet> set_;
    boost::asio::ip::tcp::socket socket_;
    std::string peer_;
    ByteStream stream_;
    WaitClock clock_;
    std::shared_ptr<Session> session_;
    std::shared_ptr<Connection> self_;  ///< while open
    Connection* previous_ = nullptr;    ///< in the set's list
    Connection* next_ = nullptr;
    std::size_t written_ = 0;    ///< of the session's output
    std::size_t discarded_ = 0;  ///< while lingering
    State state_ = State::handshake;
    bool run_posted_ = false;
    bool read_armed_ = false;
    bool write_armed_ = false;
    bool read_wants_write_ = false;  ///< TLS must write before it can read on
};

}  // namespace arngate::http
