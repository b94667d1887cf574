#pragma once

#include "core/net/https_pool.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace arngate::credentials {

/// Where a request goes.
struct Url {
    bool tls = true;
    net::Endpoint endpoint;
    std::string target = "/";  ///< path and query

    /// "http://" or "https://", a host or an IP address, an optional port, path and query; no user, no fragment. Fails
    /// with a text that does not show what was given.
    [[nodiscard]] static std::expected<Url, std::string> parse(std::string_view text);
};

struct HttpCall {
    bool tls = true;
    net::Endpoint endpoint;
    net::HttpRequest request;
    std::size_t max_body_bytes = std::size_t{64} * 1024;
    std::chrono::milliseconds limit{5'000};  ///< everything included
    std::string ca_bundle{};                 ///< a PEM file to trust instead of the system's certificates
};

struct CallFailure {
    enum class Kind : std::uint8_t {
        not_reached,  ///< nobody was there to ask
        no_answer,    ///< somebody was, and did not answer
        bad_answer,   ///< the answer cannot be used
        impossible,   ///< the same call will fail again: a malformed request, a CA file that cannot be read
    };
    Kind kind = Kind::not_reached;
    std::string what;  ///< for people; shows nothing of request or answer
};

/// The network as the chain sees it, so that tests need none. Used by one thread; calls block.
class Transport {
public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    /// One request, one answer of any status, not repeated.
    [[nodiscard]] virtual std::expected<net::HttpResponse, CallFailure> exchange(HttpCall call) = 0;
    /// Waits before something is tried again.
    virtual void pause(std::chrono::milliseconds span) = 0;
};

}  // namespace arngate::credentials
