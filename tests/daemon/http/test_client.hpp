#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace arngate::http::test {

/// Requests of HTTP/1.1 as they go over the wire.
[[nodiscard]] inline std::string get(std::string_view path) {
    return std::string("GET ").append(path) + " HTTP/1.1\r\nHost: x\r\n\r\n";
}
[[nodiscard]] inline std::string post(std::string_view path, std::string_view body) {
    return std::string("POST ").append(path) +
           " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

struct Answer {
    int status = 0;                              ///< 0: the connection ended instead
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
};

enum class Transport : std::uint8_t { tls, clear_text };

struct ClientOptions {
    Transport transport = Transport::tls;
    int receive_buffer = 0;                  ///< SO_RCVBUF; 0: the system's
    std::string protocols = "\x08http/1.1";  ///< ALPN in wire form; empty: none
    int version = 0;                         ///< TLS1_2_VERSION …; 0: any
    std::string suites;                      ///< of TLS 1.2; empty: the usual
    std::string certificate_file;
    std::string key_file;
};

/// A blocking client that says exactly the bytes it is told to. Every wait ends after a while, so that a test that
/// fails does not hang.
class TestClient {
public:
    explicit TestClient(std::uint16_t port, const ClientOptions& options = {});
    ~TestClient();
    TestClient(const TestClient&) = delete;
    TestClient& operator=(const TestClient&) = delete;

    /// The TLS handshake succeeded, or there was none to do.
    [[nodiscard]] bool is_open() const noexcept { return open_; }
    void send(std::string_view bytes);
    /// Ends our sending side.
    void finish_sending();
    /// The next answer; `head_only` for the answer to HEAD.
    [[nodiscard]] Answer read_answer(bool head_only = false);
    /// What comes next, at least a byte; nothing at the end of the connection.
    [[nodiscard]] std::string read_some();
    /// All that comes until the end of the connection.
    [[nodiscard]] std::string read_to_end();
    [[nodiscard]] SSL* ssl() noexcept { return ssl_.get(); }

private:
    [[nodiscard]] bool read_more();

    int socket_ = -1;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
    std::string unread_;
    bool open_ = false;
};

}  // namespace arngate::http::test
