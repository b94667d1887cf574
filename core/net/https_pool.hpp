#pragma once

#include "core/base/deadline.hpp"
#include "core/base/metrics.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::net {

struct Endpoint {
    std::string host;  ///< also the name in SNI, in the certificate and in the Host header
    std::uint16_t port = 443;
    auto operator<=>(const Endpoint&) const = default;
};

/// Like curl's --connect-to: what is meant for host:port goes to another address; TLS and HTTP still name the first.
struct ConnectTo {
    Endpoint from;  ///< empty host or port 0: any
    Endpoint to;    ///< empty host or port 0: unchanged
    /// "HOST1:PORT1:HOST2:PORT2", IPv6 addresses in brackets, pieces may be empty.
    [[nodiscard]] static std::optional<ConnectTo> parse(std::string_view text);
};

/// HTTPS_PROXY and NO_PROXY (upper case first, then lower case), as Go and curl read them.
struct ProxySettings {
    std::string https_proxy;            ///< "http://[user:password@]host:port", or empty
    std::vector<std::string> no_proxy;  ///< hosts, domain suffixes, IPs, CIDRs, or "*"
    [[nodiscard]] static ProxySettings from_environment();
    /// Whether a request to this host goes through the proxy.
    [[nodiscard]] bool applies_to(std::string_view host, std::uint16_t port) const;
};

struct TlsClientOptions {
    bool system_trust = true;           ///< the system's CAs; SSL_CERT_FILE and SSL_CERT_DIR are honoured
    std::vector<std::string> ca_files;  ///< PEM files to trust as well
    std::string ca_pem{};               ///< PEM text of certificates to trust as well; empty: none
    /// PEM texts that prove to the server who we are; both or neither. The certificate may be followed by its chain.
    std::string client_certificate_pem{};
    std::shared_ptr<const Secret> client_key_pem{};
    /// Another name to verify and to send in SNI than the host's; empty: the host's.
    std::string server_name{};
    /// The server's certificate is not checked at all. Only ever at an operator's own word, as kubeconfigs have it.
    bool insecure_skip_verify = false;
};

struct HttpsPoolOptions {
    TlsClientOptions tls;
    ProxySettings proxy;
    std::vector<ConnectTo> connect_to;
    std::size_t max_connections_per_endpoint = 256;
    std::size_t max_waiting_per_endpoint = 4096;
    std::size_t max_response_bytes = 64 * 1024;
    std::size_t max_header_bytes = 16 * 1024;
    std::chrono::seconds idle_timeout{90};
    std::chrono::milliseconds connect_timeout{3000};  ///< DNS, TCP and TLS together
    bool http2 = false;  ///< offer HTTP/2, and send many requests at once over one connection where the server takes it
    std::size_t max_streams_per_connection = 250;  ///< HTTP/2: requests at once; the server's own limit applies as well
    std::chrono::milliseconds ping_after{2000};    ///< HTTP/2: while requests wait and nothing comes, a PING is sent…
    std::chrono::milliseconds ping_timeout{2000};  ///< …and without any answer to it the connection is given up
};

struct HttpRequest {
    std::string_view method = "GET";
    Secret target;                                             ///< path and query; may hold a credential
    std::vector<std::pair<std::string, std::string>> headers;  ///< Host, User-Agent and Content-Length are added
    Secret authorization{};                                    ///< value of Authorization; empty: none
    std::optional<std::string> body{};                         ///< sent with its length; nothing: no body
};

struct HttpResponse {
    int status = 0;
    std::string content_type;
    std::string body;
    std::string retry_after{};  ///< the header, as sent; empty: there is none
    std::string date{};         ///< the header, as sent; empty: there is none
};

struct HttpsPoolMetrics {
    /// `registry` must outlive the loops of the pools that count here.
    explicit HttpsPoolMetrics(MetricsRegistry& registry);
    Counter& opened;
    Counter& reused;
    Counter& failed;   ///< connections that could not be made
    Counter& resumed;  ///< of those opened, the ones that did without a full TLS handshake
    Gauge& open;
    Gauge& idle;
    Gauge& waiting;
    Gauge& streams;  ///< requests that are under way over HTTP/2
};

/// Trust and session store of a client, made once and shared by all loops. Throws std::runtime_error naming the file
/// when a CA file cannot be read, or saying what is wrong with a PEM text.
class TlsClient;
[[nodiscard]] std::shared_ptr<TlsClient> make_tls_client(const TlsClientOptions& options);

/// Keep-alive HTTPS connections of one event loop, a set an endpoint: HTTP/1.1, or HTTP/2 where the options and the
/// server want it (ALPN). Bounded: at most so many connections, then so many waiting requests, then `overloaded`.
/// Certificates and host names are verified; redirects are answers like any other. Not thread-safe: one pool a loop.
class HttpsPool {
public:
    /// Throws std::runtime_error when `options.proxy` names a proxy that cannot be used.
    HttpsPool(
        boost::asio::any_io_executor executor,
        std::shared_ptr<TlsClient> tls,
        HttpsPoolOptions options,
        std::shared_ptr<HttpsPoolMetrics> metrics
    );
    ~HttpsPool();
    HttpsPool(const HttpsPool&) = delete;
    HttpsPool& operator=(const HttpsPool&) = delete;

    /// One request, answered in full before the deadline. A request without a body, on a reused connection that breaks
    /// before the first byte of the answer, is repeated once on a new one; what has a body may have taken effect. Over
    /// HTTP/2 any request is repeated, at most twice, that the server says it has not looked at.
    /// Errors: sts_unreachable (with what failed and where, e.g. "connect to sts.us-east-1.amazonaws.com:443
    /// (192.0.2.1:443): Connection refused"), sts_unavailable (the answer broke off after its headers), sts_bad_answer
    /// (malformed or too large), overloaded (no connection became free, or the pool is closed), internal_error (the
    /// request itself is malformed).
    [[nodiscard]] boost::asio::awaitable<Result<HttpResponse>> exchange(
        Endpoint endpoint, HttpRequest request, Deadline deadline
    );

    /// Closes idle connections and lets busy ones finish; waiting requests fail. For shutdown.
    void close();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace arngate::net
