#pragma once

#include <chrono>
#include <cstddef>

namespace arngate::http {

/// Every number that bounds what a client can take. Breaking one has a status or an end of the connection, and a
/// counter arngate_http_limit_total{limit}.
struct HttpLimits {
    std::size_t max_body_bytes = 64 * 1024;        ///< 413
    std::size_t max_header_bytes = 16 * 1024;      ///< 431
    std::size_t max_connections = 10'000;          ///< per loop; further ones are closed at once
    std::size_t max_requests_per_connection = 0;   ///< 0: no limit
    std::size_t max_pipelined_bytes = 256 * 1024;  ///< answers waiting for a slow reader, then reading stops
    std::size_t max_streams = 250;                 ///< at once on one HTTP/2 connection; further ones are refused
    /// HTTP/2: streams that end by RST_STREAM of either side. At once, and in the long run; then ENHANCE_YOUR_CALM.
    std::size_t max_resets = 500;
    std::size_t resets_per_second = 50;
    /// HTTP/2: frames that ask for nothing (PING, SETTINGS, WINDOW_UPDATE, empty DATA …), beyond those that requests
    /// explain. Likewise.
    std::size_t max_control_frames = 1000;
    std::size_t control_frames_per_second = 100;
    std::chrono::seconds handshake_timeout{10};
    std::chrono::seconds header_timeout{20};  ///< from the first byte of a request to its last header byte
    std::chrono::seconds body_timeout{20};
    std::chrono::seconds write_timeout{20};  ///< without progress
    std::chrono::seconds idle_timeout{180};  ///< between requests
    std::chrono::seconds drain_timeout{10};  ///< for requests in flight when the server stops
    /// From its connection on, a client is expected to ask for the first time: so long it is waited for when the server
    /// stops.
    std::chrono::seconds first_request_timeout{2};
};

}  // namespace arngate::http
