#pragma once

#include "core/net/https_pool.hpp"

#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::net {

/// What connections to one server share: the client to give sessions to, and the key they are kept under. It must live
/// as long as the SSL object it was bound to.
struct TlsPeer {
    std::shared_ptr<TlsClient> client;
    Endpoint name;
    std::string session_key;
};

/// The OpenSSL context of all client connections, with the sessions that let later connections skip the full
/// handshake. A session is only ever offered to the host and port whose certificate it was verified with. Thread-safe.
class TlsClient {
public:
    /// Throws std::runtime_error: a CA file that cannot be read, a PEM text that is none, a key that is not the client
    /// certificate's, or nothing to trust at all.
    explicit TlsClient(const TlsClientOptions& options);

    [[nodiscard]] boost::asio::ssl::context& context() noexcept { return context_; }

    /// Sets up SNI, the check of the peer's name, and resumption. `peer` as said at TlsPeer. False when OpenSSL refuses
    /// the name; the connection must not be used then.
    [[nodiscard]] static bool bind(SSL* ssl, TlsPeer& peer);

private:
    struct FreeSession {
        void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
    };
    using Session = std::unique_ptr<SSL_SESSION, FreeSession>;

    void load_trust(const TlsClientOptions& options);
    void load_client_certificate(const TlsClientOptions& options);
    static int on_new_session(SSL* ssl, SSL_SESSION* session) noexcept;
    void store(const std::string& key, Session session);
    [[nodiscard]] Session take(const std::string& key);

    boost::asio::ssl::context context_;
    std::string server_name_;
    std::mutex mutex_;
    std::map<std::string, std::vector<Session>, std::less<>> sessions_;  ///< guarded by mutex_
};

}  // namespace arngate::net
