#pragma once

#include "tests/support/fake_sts/sts_desk.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace arngate::fake_sts {

/// What ALPN may choose.
enum class Protocols : std::uint8_t { both, http1_only, http2_only };

struct StsServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0: a free one
    unsigned threads = 1;
    bool verify = true;  ///< false: RequestCheck::identify instead of verify
    Protocols protocols = Protocols::both;
    std::string cert_file;
    std::string key_file;
};

/// The TLS front: HTTP/2 where the client offers it, and HTTP/1.1 with keep-alive; one event loop and one SO_REUSEPORT
/// listener a thread.
class StsServer {
public:
    /// Binds and loads the certificate; throws boost::system::system_error.
    StsServer(const StsServerOptions& options, const StsServerParts& parts);
    StsServer(const StsServer&) = delete;
    StsServer& operator=(const StsServer&) = delete;
    /// Stops and joins.
    ~StsServer();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    void start();
    /// Ends all connections at once. Thread-safe, may be called more than once.
    void stop();

private:
    class Loop;
    std::uint16_t port_ = 0;
    std::vector<std::unique_ptr<Loop>> loops_;
};

}  // namespace arngate::fake_sts
