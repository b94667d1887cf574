#pragma once

#include "core/base/deadline.hpp"
#include "core/base/result.hpp"
#include "core/net/h2_connection.hpp"
#include "core/net/https_connection.hpp"
#include "core/net/https_pool.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace arngate::net {

/// The HTTP/2 connections to one endpoint, and the requests that wait for a place on one; also who finds out whether
/// the endpoint speaks HTTP/2 at all. The first connection decides, and what comes meanwhile waits for it; another one
/// is opened when those there are are full. One loop; held by shared_ptr.
class H2Group : public std::enable_shared_from_this<H2Group> {
public:
    /// Opens a connection that offers HTTP/2. Errors: sts_unreachable.
    using Opener = std::function<boost::asio::awaitable<Result<std::shared_ptr<HttpsConnection>>>()>;

    H2Group(
        boost::asio::any_io_executor executor,
        std::string label,
        const HttpsPoolOptions& limits,
        std::shared_ptr<HttpsPoolMetrics> metrics,
        Opener opener
    );

    /// Where a request goes: a slot, or HTTP/1.1, perhaps over a connection that was just opened.
    struct Place {
        std::optional<H2Connection::Slot> slot;
        std::shared_ptr<HttpsConnection> http1;
    };
    /// A place if there is one at once.
    [[nodiscard]] std::optional<Place> take();
    /// The same, or when there is one. Errors: sts_unreachable (the connection that was waited for could not be
    /// made), overloaded (no place in time, too many wait, or the group is closed).
    [[nodiscard]] static boost::asio::awaitable<Result<Place>> acquire(
        std::shared_ptr<H2Group> group, Deadline deadline
    );

    /// Whether requests go over HTTP/2, as far as is known.
    [[nodiscard]] bool may_speak_http2() const noexcept { return protocol_ != Protocol::http1; }
    /// Whether new connections may offer HTTP/2.
    [[nodiscard]] bool offers_http2() const noexcept { return !http1_only_; }
    /// A connection that was opened elsewhere and speaks HTTP/2.
    void adopt(std::shared_ptr<HttpsConnection> connection);
    /// The server has said that it wants HTTP/1.1.
    void use_http1_only();

    /// Idle connections are closed, waiters refused; busy ones may finish.
    void close();

private:
    enum class Protocol : std::uint8_t { unknown, http1, http2 };
    struct Waiter;

    [[nodiscard]] std::optional<H2Connection::Slot> take_slot();
    void serve();
    void serve_http1(std::shared_ptr<HttpsConnection> fresh);
    void fail_waiting(const Error& error);
    void grow();
    void start_opening();
    [[nodiscard]] static boost::asio::awaitable<Result<std::shared_ptr<HttpsConnection>>> open(
        std::shared_ptr<H2Group> group
    );
    void opened(Result<std::shared_ptr<HttpsConnection>> connection);

    boost::asio::any_io_executor executor_;
    std::string label_;
    HttpsPoolOptions limits_;
    std::shared_ptr<HttpsPoolMetrics> metrics_;
    Opener opener_;
    std::vector<std::shared_ptr<H2Connection>> connections_;
    std::list<Waiter*> queue_;
    std::size_t opening_ = 0;
    std::size_t expected_capacity_;  ///< of a new connection: what the last one turned out to have
    Protocol protocol_ = Protocol::unknown;
    bool http1_only_ = false;
    bool closed_ = false;
};

}  // namespace arngate::net
