#pragma once

#include "core/base/clock.hpp"
#include "core/base/deadline.hpp"
#include "core/base/result.hpp"
#include "core/net/h2_client_codec.hpp"
#include "core/net/h2_exchange.hpp"
#include "core/net/https_connection.hpp"
#include "core/net/https_pool.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace arngate::net {

/// One connection that speaks HTTP/2, and the many exchanges on it. What the exchanges of one turn of the loop have to
/// say goes out in one write. A deadline ends its exchange, not the connection; a server that gives no sign of life
/// while exchanges wait is asked for one (PING), and given up when none comes. Used on one loop, held by shared_ptr.
class H2Connection : public std::enable_shared_from_this<H2Connection> {
public:
    /// The right to one exchange. Gives its place back when it ends.
    class Slot {
    public:
        Slot(Slot&& other) noexcept = default;
        Slot& operator=(Slot&& other) = delete;
        Slot(const Slot&) = delete;
        Slot& operator=(const Slot&) = delete;
        ~Slot();
        [[nodiscard]] H2Connection& connection() const noexcept { return *connection_; }

    private:
        friend class H2Connection;
        explicit Slot(std::shared_ptr<H2Connection> connection) : connection_(std::move(connection)) {}
        std::shared_ptr<H2Connection> connection_;
    };

    struct Answer {
        Result<HttpResponse> result;
        H2End end = H2End::none;  ///< `none`: the deadline came first
        bool has_begun = false;   ///< something of the answer had come
    };

    /// `wire` is open and speaks HTTP/2. `changed` is called when there may be more room, and when the connection is
    /// closed; never after `close`.
    H2Connection(
        std::shared_ptr<HttpsConnection> wire,
        const HttpsPoolOptions& limits,
        std::shared_ptr<HttpsPoolMetrics> metrics,
        std::function<void()> changed
    );
    ~H2Connection();
    H2Connection(const H2Connection&) = delete;
    H2Connection& operator=(const H2Connection&) = delete;

    /// Begins; once.
    void start();

    /// Nothing when there is no room.
    [[nodiscard]] std::optional<Slot> take_slot();
    /// How many exchanges the server and we let be under way at once; 0 when it takes no more.
    [[nodiscard]] std::size_t capacity() const noexcept { return closed_ || suspect_ ? 0 : codec_.capacity(); }
    /// Whether the server has said how many.
    [[nodiscard]] bool has_settings() const noexcept { return codec_.has_settings(); }
    /// The server answers, carries nothing, and still takes nothing.
    [[nodiscard]] bool takes_nothing() const noexcept;
    [[nodiscard]] bool is_closed() const noexcept { return closed_; }

    /// One exchange. `endpoint` and `request` stay as they are until the call is done. Errors as
    /// HttpsConnection::exchange.
    [[nodiscard]] static boost::asio::awaitable<Answer> exchange(
        Slot slot, const Endpoint* endpoint, const HttpRequest* request, Deadline deadline
    );

    /// Closes now when nothing is under way, else after the last exchange.
    void close_when_idle();

private:
    struct Waiting;

    void release();
    void kick();
    void flush();
    void wait_for(boost::asio::ip::tcp::socket::wait_type ready_for, void (H2Connection::*then)());
    void read();
    void deliver();
    void start_tick(SteadyTime at);
    void tick();
    void ask_for_life(SteadyTime now);
    void lose(std::string why);
    void lose(const boost::system::error_code& error);
    [[nodiscard]] Error failure_of(const H2Exchange& exchange) const;

    std::shared_ptr<HttpsConnection> wire_;
    std::shared_ptr<HttpsPoolMetrics> metrics_;
    std::function<void()> changed_;
    boost::asio::any_io_executor executor_;
    std::chrono::steady_clock::duration idle_timeout_;
    std::chrono::steady_clock::duration connect_timeout_;
    std::chrono::steady_clock::duration ping_after_;
    std::chrono::steady_clock::duration ping_timeout_;
    SteadyTime begun_;
    SteadyTime heard_;       ///< when something came from the server
    SteadyTime idle_since_;  ///< while `slots_` is 0
    std::optional<SteadyTime> pinged_;
    H2ClientCodec codec_;
    boost::asio::steady_timer ticker_;
    std::string lost_;  ///< why, for messages
    std::size_t slots_ = 0;
    bool used_ = false;
    bool suspect_ = false;  ///< a deadline passed in silence: no new exchanges before the server is heard of
    bool flush_posted_ = false;
    bool writing_ = false;  ///< the socket takes no more for now
    bool closing_ = false;
    bool closed_ = false;
};

}  // namespace arngate::net
