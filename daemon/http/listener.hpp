#pragma once

#include "core/base/clock.hpp"
#include "daemon/http/bound_socket.hpp"
#include "daemon/http/exchange.hpp"
#include "daemon/http/limits.hpp"
#include "daemon/http/metrics.hpp"
#include "daemon/http/tls_server.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace arngate::http {

struct ListenerOptions {
    HttpLimits limits;
    TlsServer tls;  ///< none: clear text
    /// How often deadlines are looked at. Zero: never by itself, the owner calls `sweep` (tests do).
    std::chrono::milliseconds sweep_interval{250};
};

/// Accepts on one socket and serves its connections, all on one event loop. Every member is called on that loop;
/// destroying it closes what is left, after which the loop may still run but nothing of it is touched.
class Listener {
public:
    /// `handler` and `clock` must outlive the listener. Connections wait in the kernel until `start`.
    Listener(
        boost::asio::any_io_executor executor,
        BoundSocket socket,
        ListenerOptions options,
        Handler& handler,
        const Clock& clock,
        std::shared_ptr<HttpMetrics> metrics
    );
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    void start();
    /// For connections accepted from now on. Does nothing for a clear-text listener.
    void set_tls(TlsServer tls);
    /// Stops accepting, closes idle connections, lets requests in flight finish (their answers say Connection: close)
    /// until HttpLimits::drain_timeout is over or it is `until`, then closes the rest. `done` is called once, on the
    /// loop, when no connection is left: possibly before this returns.
    void drain(std::move_only_function<void()> done, SteadyTime until = SteadyTime::max());
    /// Closes everything now. `done` of a drain that runs is called.
    void stop();

    [[nodiscard]] std::uint16_t port() const noexcept;
    [[nodiscard]] std::size_t connections() const noexcept;
    /// Ends what is over its time by the clock. Called by the timer.
    void sweep();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace arngate::http
