#pragma once

#include "tests/core/net/test_certificates.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace arngate::net::test {

/// Holds scripts back until the test opens it.
class Gate {
public:
    explicit Gate(boost::asio::io_context& io) : timer_(io, boost::asio::steady_timer::time_point::max()) {}
    void open() {
        open_ = true;
        timer_.cancel();
    }
    [[nodiscard]] boost::asio::awaitable<void> wait();

private:
    boost::asio::steady_timer timer_;
    bool open_ = false;
};

/// One step of what a server does with a connection, after the handshake.
struct Step {
    enum class Kind : std::uint8_t {
        read,   ///< one request, which is recorded with its body
        send,   ///< the text
        wait,   ///< for the gate
        close,  ///< end TLS properly, then TCP
        cut,    ///< end TCP alone
    };
    Kind kind;
    std::string text;
    Gate* gate = nullptr;
};
using Script = std::vector<Step>;

[[nodiscard]] Step read();
[[nodiscard]] Step send(std::string text);
[[nodiscard]] Step wait(Gate& gate);
[[nodiscard]] Step close();
[[nodiscard]] Step cut();

/// An answer with Content-Length.
[[nodiscard]] std::string answer(int status, const std::string& body, const std::string& more_headers = {});

/// A TLS server on a port of 127.0.0.1 and on the test's own loop. The n-th connection plays the n-th script; when the
/// scripts run out, and when a script has come to its end, requests are answered 200 "ok" and the connection is kept.
class TlsTestServer {
public:
    TlsTestServer(boost::asio::io_context& io, const LeafPem& leaf);
    ~TlsTestServer();
    TlsTestServer(const TlsTestServer&) = delete;
    TlsTestServer& operator=(const TlsTestServer&) = delete;

    void script(Script steps);
    /// From now on a client must show a certificate of this authority.
    void require_client_certificate(const std::string& ca_pem);
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] const std::vector<std::string>& requests() const;
    [[nodiscard]] std::size_t accepted() const;
    [[nodiscard]] std::size_t resumed() const;  ///< handshakes that used a session
    [[nodiscard]] std::size_t failed_handshakes() const;
    [[nodiscard]] std::size_t ended() const;  ///< connections that are over
    [[nodiscard]] const std::string& last_sni() const;
    /// No more connections; those there are are dropped.
    void stop();

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// An HTTP proxy that understands CONNECT and leads every tunnel to one port of 127.0.0.1.
class TestProxy {
public:
    TestProxy(boost::asio::io_context& io, std::uint16_t to, std::string reply);
    ~TestProxy();
    TestProxy(const TestProxy&) = delete;
    TestProxy& operator=(const TestProxy&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] const std::vector<std::string>& requests() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace arngate::net::test
