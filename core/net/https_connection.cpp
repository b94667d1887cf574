#include "core/net/https_connection.hpp"

#include "core/net/endpoint.hpp"
#include "core/net/resolve.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

namespace arngate::net {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto awaited = asio::as_tuple(asio::use_awaitable);

// What a proxy may say about a tunnel; a body of its is not read.
constexpr std::size_t max_tunnel_header_bytes = 16UL * 1024;
constexpr std::size_t max_tunnel_body_bytes = 0;

// ALPN (RFC 7301): length-prefixed names, the preferred one first.
constexpr std::array<unsigned char, 12> alpn_http2{2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

std::string to_text(const tcp::endpoint& address) {
    const Endpoint endpoint{.host = address.address().to_string(), .port = address.port()};
    return authority(endpoint);
}

}  // namespace

HttpsConnection::HttpsConnection(
    const asio::any_io_executor& executor,
    std::shared_ptr<TlsClient> tls,
    const Endpoint& name,
    const HttpsPoolOptions& limits
)
    : peer_{.client = std::move(tls), .name = name, .session_key = authority(name)},
      stream_(executor, peer_.client->context().native_handle()),
      watch_(executor),
      reader_(limits.max_header_bytes, limits.max_response_bytes),
      label_(authority(name)) {}

asio::awaitable<Result<void>> HttpsConnection::open(Endpoint dial, const Proxy* proxy, Deadline deadline) {
    if (proxy == nullptr) {
        std::string what = "connect to " + label_;
        auto connected = co_await connect(std::move(what), std::move(dial), deadline);
        if (!connected) {
            co_return connected;
        }
    } else {
        std::string what = "connect to the proxy " + authority(proxy->address);
        auto connected = co_await connect(std::move(what), proxy->address, deadline);
        if (!connected) {
            co_return connected;
        }
        auto tunnel = co_await open_tunnel(proxy, std::move(dial), deadline);
        if (!tunnel) {
            co_return tunnel;
        }
    }
    auto shaken = co_await shake_hands(deadline);
    co_return shaken;
}

asio::awaitable<Result<void>> HttpsConnection::connect(std::string what, Endpoint to, Deadline deadline) {
    auto addresses = co_await resolve(stream_.socket().get_executor(), std::move(to), deadline);
    if (!addresses) {
        co_return std::unexpected(std::move(addresses.error()));
    }
    auto& socket = stream_.socket();
    Result<void> outcome;
    for (std::size_t i = 0; i < addresses->size(); ++i) {
        // An address that swallows packets must leave time for the next one.
        const auto share = deadline.remaining() / static_cast<std::ptrdiff_t>(addresses->size() - i);
        const tcp::endpoint address = (*addresses)[i];
        start_watch(deadline.no_later_than(share));
        auto [error] = co_await socket.async_connect(address, awaited);
        stop_watch();
        if (!error && !timed_out_) {
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            co_return Result<void>();
        }
        outcome = unreachable(fmt::format("{} ({})", what, to_text(address)), error);
        close();
    }
    co_return outcome;
}

asio::awaitable<Result<void>> HttpsConnection::open_tunnel(const Proxy* proxy, Endpoint target, Deadline deadline) {
    const std::string what = fmt::format("ask the proxy {} for {}", authority(proxy->address), authority(target));
    const Secret request = proxy->connect_request(target);
    auto& socket = stream_.socket();
    start_watch(deadline);
    const auto bytes = asio::buffer(request.expose());
    auto [write_error, written] = co_await asio::async_write(socket, bytes, awaited);
    static_cast<void>(written);
    if (write_error) {
        stop_watch();
        co_return unreachable(what, write_error);
    }
    auto reader = std::make_unique<ResponseReader>(max_tunnel_header_bytes, max_tunnel_body_bytes);
    reader->start(BodyRule::none);
    auto progress = ReadProgress::need_more;
    while (progress == ReadProgress::need_more) {
        const auto room = reader->space();
        const auto space = asio::buffer(room.data(), room.size());
        auto [read_error, count] = co_await socket.async_read_some(space, awaited);
        if (read_error) {
            stop_watch();
            co_return unreachable(what, read_error);
        }
        progress = reader->received(count);
    }
    stop_watch();
    if (progress != ReadProgress::complete) {
        close();
        co_return fail(Reason::sts_unreachable, what + ": the proxy's answer is malformed");
    }
    // A TLS server waits for its client, so bytes behind the proxy's answer are not the server's.
    const bool has_surplus = reader->has_surplus();
    const int status = reader->take().status;
    if (status / 100 != 2 || has_surplus) {
        close();
        co_return fail(Reason::sts_unreachable, fmt::format("{}: the proxy answered {}", what, status));
    }
    co_return Result<void>();
}

asio::awaitable<Result<void>> HttpsConnection::shake_hands(Deadline deadline) {
    const std::string what = "TLS handshake with " + label_;
    if (!TlsClient::bind(stream_.ssl(), peer_)) {
        close();
        co_return fail(Reason::sts_unreachable, what + ": the name cannot be verified");
    }
    if (offers_http2_ && SSL_set_alpn_protos(stream_.ssl(), alpn_http2.data(), alpn_http2.size()) != 0) {
        close();
        co_return fail(Reason::internal_error, what + ": OpenSSL refuses the protocol list");
    }
    start_watch(deadline);
    TlsStep step = stream_.handshake();
    while (step.wait_for) {
        const auto ready_for = *step.wait_for;
        auto [wait_error] = co_await stream_.socket().async_wait(ready_for, awaited);
        if (wait_error) {
            stop_watch();
            co_return unreachable(what, wait_error);
        }
        step = stream_.handshake();
    }
    stop_watch();
    if (step.error || timed_out_) {
        co_return unreachable(what, step.error);
    }
    co_return Result<void>();
}

bool HttpsConnection::speaks_http2() const noexcept {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(stream_.ssl(), &name, &size);
    return size == 2 && name[0] == 'h' && name[1] == '2';
}

bool HttpsConnection::is_resumed() const noexcept {
    return SSL_session_reused(stream_.ssl()) == 1;
}

asio::awaitable<Result<HttpResponse>> HttpsConnection::exchange(
    std::string_view request, BodyRule rule, Deadline deadline
) {
    keep_alive_ = false;
    broke_before_answer_ = false;
    reader_.start(rule);
    start_watch(deadline);

    while (!request.empty()) {
        const TlsStep step = stream_.write_some(request);
        request.remove_prefix(step.bytes);
        boost::system::error_code write_error = step.error;
        if (step.wait_for) {
            const auto ready_for = *step.wait_for;
            auto [wait_error] = co_await stream_.socket().async_wait(ready_for, awaited);
            write_error = wait_error;
        }
        if (write_error) {
            stop_watch();
            broke_before_answer_ = !timed_out_;
            co_return unreachable("send to " + label_, write_error);
        }
    }
    auto progress = ReadProgress::need_more;
    auto ready_for = tcp::socket::wait_read;
    bool must_wait = !stream_.has_pending();  // the answer takes its time: trying first would be in vain
    while (progress == ReadProgress::need_more) {
        boost::system::error_code read_error;
        if (must_wait) {
            auto [wait_error] = co_await stream_.socket().async_wait(ready_for, awaited);
            read_error = wait_error;
        }
        if (!read_error) {
            const TlsStep step = stream_.read_some(reader_.space());
            if (step.bytes > 0) {
                progress = reader_.received(step.bytes);
                must_wait = false;
                continue;
            }
            if (step.wait_for) {
                ready_for = *step.wait_for;
                must_wait = true;
                continue;
            }
            read_error = step.error;
        }
        stop_watch();
        // Only a close_notify ends an answer of unsaid length; without it anybody on the path could have cut it.
        if (read_error == asio::error::eof && reader_.ended() == ReadProgress::complete) {
            close();
            co_return reader_.take();
        }
        broke_before_answer_ = !timed_out_ && !reader_.has_begun();
        auto failure = unreachable("answer of " + label_, read_error);
        if (reader_.has_headers()) {
            failure.error().reason = Reason::sts_unavailable;
        }
        co_return failure;
    }
    stop_watch();
    if (progress != ReadProgress::complete) {
        close();
        co_return bad_progress(progress);
    }
    keep_alive_ = reader_.keep_alive();
    co_return reader_.take();
}

asio::awaitable<Result<void>> HttpsConnection::send(std::string_view request, Deadline deadline) {
    keep_alive_ = false;
    start_watch(deadline);
    while (!request.empty()) {
        const TlsStep step = stream_.write_some(request);
        request.remove_prefix(step.bytes);
        boost::system::error_code write_error = step.error;
        if (step.wait_for) {
            const auto ready_for = *step.wait_for;
            auto [wait_error] = co_await stream_.socket().async_wait(ready_for, awaited);
            write_error = wait_error;
        }
        if (write_error) {
            stop_watch();
            co_return unreachable("send to " + label_, write_error);
        }
    }
    stop_watch();
    co_return Result<void>();
}

asio::awaitable<Result<std::size_t>> HttpsConnection::receive(std::span<char> into, Deadline deadline) {
    start_watch(deadline);
    for (;;) {
        const TlsStep step = stream_.read_some(into);
        boost::system::error_code read_error = step.error;
        if (step.wait_for) {
            const auto ready_for = *step.wait_for;
            auto [wait_error] = co_await stream_.socket().async_wait(ready_for, awaited);
            read_error = wait_error;
        } else if (!read_error) {
            stop_watch();
            co_return step.bytes;
        }
        if (read_error) {
            stop_watch();
            if (read_error == asio::error::eof) {
                close();
                co_return std::size_t{0};
            }
            co_return unreachable("answer of " + label_, read_error);
        }
    }
}

void HttpsConnection::probe_silent_peer() noexcept {
    using idle_seconds = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
    using interval_seconds = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;
    using probes = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPCNT>;
    // Without them a dead peer is noticed later, by the silence of what should come.
    boost::system::error_code ignored;
    auto& socket = stream_.socket();
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    socket.set_option(idle_seconds(15), ignored);
    socket.set_option(interval_seconds(5), ignored);
    socket.set_option(probes(3), ignored);
}

bool HttpsConnection::may_be_kept() {
    return keep_alive_ && stream_.socket().is_open() && !stream_.has_pending();
}

bool HttpsConnection::is_reusable() {
    if (!may_be_kept()) {
        return false;
    }
    char byte = 0;
    const auto peeked = ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void HttpsConnection::close() noexcept {
    boost::system::error_code ignored;
    stream_.socket().close(ignored);
    keep_alive_ = false;
    stop_watch();
    watch_.cancel();
    timer_for_.reset();
}

void HttpsConnection::start_watch(Deadline deadline) {
    timed_out_ = false;
    deadline_ = deadline.at();
    if (!timer_for_ || *deadline_ < *timer_for_) {
        set_timer(*deadline_);
    }
}

void HttpsConnection::set_timer(SteadyTime at) {
    timer_for_ = at;
    watch_.expires_at(at);
    watch_.async_wait([weak = weak_from_this(), at](const boost::system::error_code& error) {
        if (const auto self = weak.lock(); self != nullptr && !error) {
            self->on_timer(at);
        }
    });
}

void HttpsConnection::on_timer(SteadyTime was_for) {
    if (timer_for_ != was_for) {
        return;  // set anew when this expiry was queued already
    }
    timer_for_.reset();
    if (!deadline_) {
        return;
    }
    if (std::chrono::steady_clock::now() < *deadline_) {
        return set_timer(*deadline_);
    }
    timed_out_ = true;
    close();
}

std::unexpected<Error> HttpsConnection::unreachable(std::string_view what, const boost::system::error_code& error) {
    auto failure = fail(Reason::sts_unreachable, fmt::format("{}: {}", what, describe(error)));
    close();
    return failure;
}

std::string HttpsConnection::describe(const boost::system::error_code& error) {
    if (timed_out_) {
        return "timed out";
    }
    if (error.category() == asio::error::get_ssl_category()) {
        const long verified = SSL_get_verify_result(stream_.ssl());
        if (verified != X509_V_OK) {
            return fmt::format("certificate verify failed ({})", X509_verify_cert_error_string(verified));
        }
    }
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) {
        return "connection closed";
    }
    return error.message();
}

std::unexpected<Error> HttpsConnection::bad_progress(ReadProgress progress) {
    const std::string_view what = progress == ReadProgress::too_large ? "too large" : "not HTTP";
    return fail(Reason::sts_bad_answer, fmt::format("answer of {}: {}", label_, what));
}

}  // namespace arngate::net
