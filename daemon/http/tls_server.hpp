#pragma once

#include <openssl/ssl.h>

#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace arngate::http {

struct TlsServerOptions {
    std::string certificate_file;  ///< PEM, the leaf first, then its chain
    std::string key_file;          ///< PEM, not encrypted
    std::string client_ca_file;    ///< not empty: a client must show a certificate of one of these CAs
    bool require_tls13 = false;
    std::vector<std::string> protocols{"h2", "http/1.1"};  ///< for ALPN, the most wanted first; "h2" only there
};

/// The TLS side of a server: certificate, suites, ALPN, tickets. Shared by all loops; a new one replaces an old one for
/// connections to come, and connections keep the one they began with.
using TlsServer = std::shared_ptr<SSL_CTX>;

/// Reads and checks everything a server needs. The error is a sentence for people that names the file.
[[nodiscard]] std::expected<TlsServer, std::string> make_tls_server(const TlsServerOptions& options);

}  // namespace arngate::http
