#pragma once

#include "daemon/http/tls_server.hpp"

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace arngate::http {

enum class IoStatus : std::uint8_t {
    done,        ///< `bytes` were moved
    want_read,   ///< try again when the socket can be read
    want_write,  ///< try again when the socket can be written
    closed,      ///< the peer sends no more
    failed,      ///< broken; nothing more can be moved
};

struct IoResult {
    IoStatus status = IoStatus::failed;
    std::size_t bytes = 0;
};

/// Bytes over a connected, non-blocking socket, in TLS or in clear text. Never waits and knows no event loop: the owner
/// waits for the socket. The descriptor is the owner's and must outlive the stream.
class ByteStream {
public:
    /// With no `tls`, clear text. Throws std::bad_alloc if there is no memory for a TLS session.
    ByteStream(int descriptor, const TlsServer& tls);

    /// Clear text is done at once.
    [[nodiscard]] IoStatus handshake();
    [[nodiscard]] IoResult read_some(std::span<char> into);
    [[nodiscard]] IoResult write_some(std::string_view bytes);
    /// Bytes that were read from the socket and wait inside: the socket will not become readable for them.
    [[nodiscard]] bool has_pending() const noexcept;
    /// Says that we send no more (TLS close_notify, then the end of the TCP stream). Not waited for.
    void shut_down() noexcept;
    /// Reads bytes off the socket below TLS and throws them away.
    [[nodiscard]] IoResult discard_some() noexcept;

    [[nodiscard]] bool is_tls() const noexcept { return ssl_ != nullptr; }
    /// What ALPN chose; empty when the client offered nothing.
    [[nodiscard]] std::string_view protocol() const noexcept;
    /// "TLSv1.3", or "none" before a version was agreed.
    [[nodiscard]] std::string_view tls_version() const noexcept;
    /// Why `handshake` failed, in OpenSSL's words.
    [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
    /// The client spoke HTTP without TLS.
    [[nodiscard]] bool spoke_clear_text() const noexcept { return spoke_clear_text_; }

    /// Sends on the bare socket, for the answer to a client that speaks no TLS. What does not fit is lost.
    void send_clear_text(std::string_view bytes) noexcept;

private:
    struct Free {
        void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    };

    [[nodiscard]] IoStatus explain(int result);

    int descriptor_;
    std::unique_ptr<SSL, Free> ssl_;
    std::string failure_;
    bool spoke_clear_text_ = false;
    bool broken_ = false;  ///< after a fatal error not even close_notify may be sent
};

}  // namespace arngate::http
