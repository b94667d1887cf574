#pragma once

#include "bench/arngate-bench/target.hpp"

#include <openssl/ssl.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

namespace arngate::bench {

enum class Protocol : std::uint8_t { h1, h2 };

struct FreeContext {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeContext>;

/// What all connections of a run share; offers exactly the one protocol by ALPN. Fails with a text for the user.
[[nodiscard]] std::expected<TlsContext, std::string> make_tls_context(const Target& target, Protocol protocol);

/// A non-blocking TLS connection that owns its socket and waits for nothing. Not thread-safe.
class TlsStream {
public:
    enum class Status : std::uint8_t { done, again, closed };

    /// Begins to connect. Throws std::runtime_error when the process has no socket or memory left.
    TlsStream(SSL_CTX& context, const Target& target, const SocketAddress& address);
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;
    ~TlsStream();

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    /// To be called again whenever the socket is ready until it says `done` or `closed`.
    [[nodiscard]] Status connect();
    /// After `connect` is done: whether ALPN chose this protocol. A server without ALPN speaks HTTP/1.1.
    [[nodiscard]] bool speaks(Protocol protocol) const noexcept;
    /// Replaces the text with what there is to read, one record at most; to be called again while `has_pending`.
    [[nodiscard]] Status read(std::string& into);
    /// Writes as much as the socket takes, and removes it from the text.
    [[nodiscard]] Status write(std::string& bytes);
    /// Whether `read` left something inside that makes no socket readable.
    [[nodiscard]] bool has_pending() const noexcept { return SSL_has_pending(ssl_.get()) == 1; }
    /// Whether what said `again` waits for the socket to be writable, not readable.
    [[nodiscard]] bool wants_write() const noexcept { return SSL_want_write(ssl_.get()); }
    /// Why `connect` failed.
    [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

private:
    struct Free {
        void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    };
    [[nodiscard]] Status explain(int result);

    int descriptor_ = -1;
    std::unique_ptr<SSL, Free> ssl_;
    bool is_connected_ = false;
    bool is_broken_ = false;
    std::string failure_;
};

}  // namespace arngate::bench
