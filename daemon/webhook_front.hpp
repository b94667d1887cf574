#pragma once

#include "config/settings.hpp"
#include "core/base/clock.hpp"
#include "daemon/certificate_watch.hpp"
#include "daemon/http/bound_socket.hpp"
#include "daemon/http/tls_server.hpp"
#include "daemon/listening_sockets.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace arngate {

/// What the webhook is served with.
struct WebhookFront {
    http::TlsServer tls;
    WallTime certificate_end;
    CertificateWatch::Stamps certificate_stamps;
    std::vector<http::BoundSocket> sockets;  ///< one for each event loop, all of one port

    [[nodiscard]] std::uint16_t port() const noexcept { return sockets.front().port(); }
};

/// Loads the certificate, or makes it; binds a socket for each of `loops` event loops; and writes the webhook
/// kubeconfig where one is wanted. Logs what was done.
[[nodiscard]] std::expected<WebhookFront, std::string> prepare_webhook(
    const config::Settings& settings, WallTime now, ListeningSockets& listening, std::size_t loops
);

}  // namespace arngate
