#include "tests/support/fake_sts/sts_server.hpp"

#include "tests/support/fake_sts/answer_delay.hpp"
#include "tests/support/fake_sts/h1_link.hpp"
#include "tests/support/fake_sts/h2_link.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

namespace arngate::fake_sts {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable);

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

/// What ALPN offers, in its form (RFC 7301): names with their length before them, the preferred one first.
std::string_view alpn_names(Protocols protocols) noexcept {
    constexpr std::string_view both("\x02h2\x08http/1.1");
    constexpr std::size_t http2_bytes = 3;
    switch (protocols) {
        case Protocols::http1_only:
            return both.substr(http2_bytes);
        case Protocols::http2_only:
            return both.substr(0, http2_bytes);
        case Protocols::both:
            break;
    }
    return both;
}

int choose_protocol(
    SSL* /*ssl*/,
    const unsigned char** out,
    unsigned char* out_size,
    const unsigned char* in,
    unsigned in_size,
    void* user
) {
    const Protocols protocols = *static_cast<const Protocols*>(user);
    const std::string_view ours = alpn_names(protocols);
    unsigned char* chosen = nullptr;
    const int result = SSL_select_next_proto(
        &chosen,
        out_size,
        reinterpret_cast<const unsigned char*>(ours.data()),
        static_cast<unsigned>(ours.size()),
        in,
        in_size
    );
    *out = chosen;
    if (result == OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_OK;
    }
    return protocols == Protocols::http2_only ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_NOACK;
}

bool speaks_http2(SSL* ssl) noexcept {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &name, &size);
    return std::string_view(reinterpret_cast<const char*>(name), size) == "h2";
}

}  // namespace

class StsServer::Loop {
public:
    Loop(const StsServerOptions& options, const StsServerParts& parts, std::uint16_t port)
        : parts_(parts),
          protocols_(options.protocols),
          desk_(parts, options.verify),
          tls_(asio::ssl::context::tls_server),
          acceptor_(context_),
          delay_(context_, parts.stats) {
        tls_.set_options(
            asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1
        );
        tls_.use_certificate_chain_file(options.cert_file);
        tls_.use_private_key_file(options.key_file, asio::ssl::context::pem);
        SSL_CTX_set_alpn_select_cb(tls_.native_handle(), choose_protocol, &protocols_);
        SSL_CTX_set_mode(tls_.native_handle(), SSL_MODE_RELEASE_BUFFERS);

        const tcp::endpoint endpoint(asio::ip::make_address(options.address), port);
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        if (options.threads > 1) {
            acceptor_.set_option(ReusePort(true));
        }
        acceptor_.bind(endpoint);
        acceptor_.listen();
    }

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    void start() {
        asio::co_spawn(context_, accept(), asio::detached);
        thread_ = std::thread([this] { context_.run(); });
    }

    void stop() { context_.stop(); }

    void join() {
        if (thread_.joinable()) {
            thread_.join();
        }
    }

private:
    asio::awaitable<void> accept() {
        asio::steady_timer pause(context_);
        for (;;) {
            auto [failure, socket] = co_await acceptor_.async_accept(tuple_awaitable);
            if (failure == asio::error::operation_aborted) {
                co_return;
            }
            if (failure) {  // out of descriptors and the like: do not spin
                pause.expires_after(std::chrono::milliseconds(100));
                co_await pause.async_wait(tuple_awaitable);
                continue;
            }
            asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
        }
    }

    asio::awaitable<void> serve(tcp::socket socket) {
        struct Open {
            Stats& stats;
            explicit Open(Stats& counters) : stats(counters) {
                ++stats.connections;
                ++stats.open;
            }
            Open(const Open&) = delete;
            Open& operator=(const Open&) = delete;
            ~Open() { --stats.open; }
        };
        const Open open(parts_.stats);
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        auto stream = std::make_shared<TlsStream>(std::move(socket), tls_);
        auto [handshake_failure] = co_await stream->async_handshake(TlsStream::server, tuple_awaitable);
        if (handshake_failure) {
            ++parts_.stats.failed_handshakes;
            co_return;
        }
        ++parts_.stats.handshakes;
        if (SSL_session_reused(stream->native_handle()) == 1) {
            ++parts_.stats.resumed_handshakes;
        }
        if (speaks_http2(stream->native_handle())) {
            ++parts_.stats.http2_handshakes;
            co_await serve_http2(stream, &desk_, &delay_);
        } else if (protocols_ != Protocols::http2_only) {
            co_await serve_http1(stream.get(), &desk_, &delay_);
        }
    }

    StsServerParts parts_;
    Protocols protocols_;
    StsDesk desk_;
    asio::io_context context_{1};
    asio::ssl::context tls_;
    tcp::acceptor acceptor_;
    AnswerDelay delay_;
    std::thread thread_;
};

StsServer::StsServer(const StsServerOptions& options, const StsServerParts& parts) : port_(options.port) {
    for (unsigned i = 0; i < options.threads; ++i) {
        loops_.push_back(std::make_unique<Loop>(options, parts, port_));
        port_ = loops_.front()->port();
    }
}

StsServer::~StsServer() {
    stop();
}

void StsServer::start() {
    for (const auto& loop : loops_) {
        loop->start();
    }
}

void StsServer::stop() {
    for (const auto& loop : loops_) {
        loop->stop();
    }
    for (const auto& loop : loops_) {
        loop->join();
    }
}

}  // namespace arngate::fake_sts
