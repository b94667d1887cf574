#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace arngate::net {

/// What one step of TLS came to: bytes moved, something to wait for, or an error.
struct TlsStep {
    std::size_t bytes = 0;
    /// Nothing was moved: try again when the socket is ready for this.
    std::optional<boost::asio::ip::tcp::socket::wait_type> wait_for;
    /// In Asio's categories: `eof` after the peer's close_notify, `stream_truncated` without it, else what the system
    /// or OpenSSL says.
    boost::system::error_code error;
};

/// The client's side of TLS on a socket. OpenSSL reads and writes the socket itself, without buffers in between, and
/// never waits: its owner waits for the socket. Closing the socket is all it takes to end it; OpenSSL then cannot reach
/// a descriptor that has become another connection's. Not thread-safe.
class TlsStream {
public:
    /// Throws std::bad_alloc when there is no memory for a session.
    TlsStream(const boost::asio::any_io_executor& executor, SSL_CTX* context);
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;
    ~TlsStream();

    [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept { return wire_.socket; }
    [[nodiscard]] SSL* ssl() const noexcept { return ssl_.get(); }

    /// The socket is connected; each step until neither a wait nor an error is left.
    [[nodiscard]] TlsStep handshake();
    /// After a wait the same bytes are offered again; they may have moved, and more may follow them.
    [[nodiscard]] TlsStep write_some(std::string_view bytes);
    [[nodiscard]] TlsStep read_some(std::span<char> into);
    /// Whether bytes wait inside, for which the socket will not become ready.
    [[nodiscard]] bool has_pending() const noexcept { return SSL_has_pending(ssl_.get()) == 1; }

private:
    /// What OpenSSL's reads and writes see.
    struct Wire {
        boost::asio::ip::tcp::socket socket;
        int error = 0;       ///< errno of the read or write that failed
        bool ended = false;  ///< the peer sends no more
    };
    struct Callbacks;
    struct Free {
        void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    };

    [[nodiscard]] TlsStep explain(int result);

    Wire wire_;
    std::unique_ptr<SSL, Free> ssl_;  // after wire_, to which it refers
};

}  // namespace arngate::net
