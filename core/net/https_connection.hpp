#pragma once

#include "core/base/deadline.hpp"
#include "core/base/result.hpp"
#include "core/net/https_pool.hpp"
#include "core/net/proxy.hpp"
#include "core/net/response_reader.hpp"
#include "core/net/tls_client.hpp"
#include "core/net/tls_stream.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::net {

/// One TLS connection to one server, and the HTTP/1.1 exchanges on it, one after the other. Used on one loop, held by
/// shared_ptr; whoever awaits a member keeps the object alive meanwhile. After a failure it is closed for good.
class HttpsConnection : public std::enable_shared_from_this<HttpsConnection> {
public:
    HttpsConnection(
        const boost::asio::any_io_executor& executor,
        std::shared_ptr<TlsClient> tls,
        const Endpoint& name,
        const HttpsPoolOptions& limits
    );

    /// Connects to `dial`, through `proxy` unless that is null, and verifies the peer under its own name. `proxy` lives
    /// until the call is done. Errors: sts_unreachable.
    [[nodiscard]] boost::asio::awaitable<Result<void>> open(Endpoint dial, const Proxy* proxy, Deadline deadline);

    /// Before `open`: lets the server choose HTTP/2 (ALPN).
    void offer_http2() noexcept { offers_http2_ = true; }
    /// After `open`: the server chose HTTP/2, which is then spoken over `stream`, not with the members below.
    [[nodiscard]] bool speaks_http2() const noexcept;
    /// After `open`: an earlier connection's TLS session was taken up again.
    [[nodiscard]] bool is_resumed() const noexcept;
    [[nodiscard]] TlsStream& stream() noexcept { return stream_; }

    /// Sends the request and reads the answer. `request` stays as it is until the call is done. Errors: sts_unreachable
    /// (no answer), sts_unavailable (an answer that broke off after its headers), sts_bad_answer.
    [[nodiscard]] boost::asio::awaitable<Result<HttpResponse>> exchange(
        std::string_view request, BodyRule rule, Deadline deadline
    );

    /// For an answer that is read while it comes (HttpsStream): sends all of `request`, which stays as it is until the
    /// call is done. Errors: sts_unreachable.
    [[nodiscard]] boost::asio::awaitable<Result<void>> send(std::string_view request, Deadline deadline);
    /// Some bytes of what the server sent; 0 when it ended TLS properly. `into` is not empty. Errors: sts_unreachable.
    [[nodiscard]] boost::asio::awaitable<Result<std::size_t>> receive(std::span<char> into, Deadline deadline);

    /// Has the system probe a peer that is silent, so that one that has vanished is noticed within half a minute.
    void probe_silent_peer() noexcept;

    /// After a failed exchange: the connection broke, in time, before any byte of the answer; as one does that the
    /// server had closed while it lay idle.
    [[nodiscard]] bool broke_before_answer() const noexcept { return broke_before_answer_; }

    /// Whether the last answer allows another request and nothing behind it has been read. What has come since then, or
    /// that the peer has closed, only `is_reusable` tells.
    [[nodiscard]] bool may_be_kept();

    /// Whether another request may be sent: the last answer allowed it, the peer has not closed, and nothing has come
    /// unasked that could be taken for the next answer.
    [[nodiscard]] bool is_reusable();

    /// "host:port", for messages.
    [[nodiscard]] const std::string& label() const noexcept { return label_; }

    void close() noexcept;

private:
    [[nodiscard]] boost::asio::awaitable<Result<void>> connect(std::string what, Endpoint to, Deadline deadline);
    [[nodiscard]] boost::asio::awaitable<Result<void>> open_tunnel(
        const Proxy* proxy, Endpoint target, Deadline deadline
    );
    [[nodiscard]] boost::asio::awaitable<Result<void>> shake_hands(Deadline deadline);

    // The watch closes the socket at the deadline, which ends whatever is awaited on it. Its timer runs on when a watch
    // ends, and is set anew only for a sooner deadline or when it has run out: deadlines mostly move on, so a request
    // costs no timer.
    void start_watch(Deadline deadline);
    void stop_watch() noexcept { deadline_.reset(); }
    void set_timer(SteadyTime at);
    void on_timer(SteadyTime was_for);

    [[nodiscard]] std::unexpected<Error> unreachable(std::string_view what, const boost::system::error_code& error);
    [[nodiscard]] std::string describe(const boost::system::error_code& error);
    [[nodiscard]] std::unexpected<Error> bad_progress(ReadProgress progress);

    TlsPeer peer_;  // before stream_, which refers to it
    TlsStream stream_;
    boost::asio::steady_timer watch_;
    std::optional<SteadyTime> deadline_;   ///< while there is a watch
    std::optional<SteadyTime> timer_for_;  ///< while the timer runs
    bool timed_out_ = false;
    bool offers_http2_ = false;
    bool keep_alive_ = false;
    bool broke_before_answer_ = false;
    ResponseReader reader_;
    std::string label_;
};

}  // namespace arngate::net
