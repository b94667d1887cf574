#pragma once

#include "core/base/deadline.hpp"
#include "core/base/result.hpp"
#include "core/net/https_connection.hpp"
#include "core/net/https_pool.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>

namespace arngate::net {

/// Who may use which connection when: places bounded per endpoint, idle connections, and a queue in order of arrival.
/// Opens nothing and sends nothing. One loop; held by shared_ptr, as leases and timers refer to it.
class ConnectionSet : public std::enable_shared_from_this<ConnectionSet> {
    struct Places;
    struct Waiter;

public:
    ConnectionSet(
        const boost::asio::any_io_executor& executor,
        const HttpsPoolOptions& limits,
        std::shared_ptr<HttpsPoolMetrics> metrics
    );

    /// The right to use one connection to an endpoint: an idle one, or the one that the holder puts in. Gives its place
    /// back when it ends, and with it the connection if that can be used again.
    class Lease {
    public:
        Lease(Lease&& other) noexcept = default;
        Lease& operator=(Lease&& other) = delete;
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease();

        /// Null when one has to be opened.
        [[nodiscard]] const std::shared_ptr<HttpsConnection>& connection() const noexcept { return connection_; }
        /// Puts in a connection that was just opened.
        void put(std::shared_ptr<HttpsConnection> opened);
        /// Closes the connection and keeps the place.
        void drop();

    private:
        friend class ConnectionSet;
        Lease(std::shared_ptr<ConnectionSet> set, Places& places, std::shared_ptr<HttpsConnection> connection);

        std::shared_ptr<ConnectionSet> set_;
        Places* places_;
        std::shared_ptr<HttpsConnection> connection_;
    };

    /// A lease if there is one to be had at once.
    [[nodiscard]] std::optional<Lease> take(const Endpoint& endpoint);
    /// The same, or when those before us in the queue have been served. Errors: overloaded (the queue is full, the
    /// deadline came first, or the set is closed).
    [[nodiscard]] static boost::asio::awaitable<Result<Lease>> acquire(
        std::shared_ptr<ConnectionSet> set, Endpoint endpoint, Deadline deadline
    );

    /// Idle connections are closed, waiters refused; leases may run out.
    void close();

private:
    struct Idle {
        std::shared_ptr<HttpsConnection> connection;
        SteadyTime since;
    };
    struct Places {
        std::size_t leased = 0;
        std::deque<Idle> idle;  ///< the longest idle in front
        std::list<Waiter*> queue;
    };

    [[nodiscard]] std::shared_ptr<HttpsConnection> take_idle(Places& places);
    [[nodiscard]] bool is_expired(const Idle& idle) const;
    void release(Places& places, std::shared_ptr<HttpsConnection> connection);
    void forget(const std::shared_ptr<HttpsConnection>& connection);
    void start_sweep(SteadyTime at);
    void sweep();

    boost::asio::any_io_executor executor_;
    std::size_t max_connections_;
    std::size_t max_waiting_;
    std::chrono::steady_clock::duration idle_timeout_;
    std::shared_ptr<HttpsPoolMetrics> metrics_;
    std::map<Endpoint, Places> places_;  ///< entries stay: leases point to them, and endpoints are few
    boost::asio::steady_timer sweeper_;
    bool sweeping_ = false;
    bool closed_ = false;
};

}  // namespace arngate::net
