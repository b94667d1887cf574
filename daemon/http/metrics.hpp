#pragma once

#include "core/base/metrics.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace arngate::http {

/// Which number of HttpLimits was reached; the value of arngate_http_limit_total{limit}.
enum class Limit : std::uint8_t {
    body_bytes,
    header_bytes,
    connections,
    requests_per_connection,
    pipelined_bytes,
    handshake_timeout,
    header_timeout,
    body_timeout,
    write_timeout,
    idle_timeout,
    drain_timeout,
    stream_resets,
    control_frames,
};
inline constexpr std::size_t limit_count = 13;

/// The instruments of the web front, shared by all loops. Thread-safe.
class HttpMetrics {
public:
    explicit HttpMetrics(MetricsRegistry& registry);

    [[nodiscard]] Counter& limit(Limit limit) noexcept { return *limits_[static_cast<std::size_t>(limit)]; }

    Gauge& connections;         ///< arngate_http_connections
    CounterFamily& accepted;    ///< arngate_http_connections_total{protocol}: "h2", "h1" or "cleartext"
    CounterFamily& requests;    ///< arngate_http_requests_total{path,code}
    CounterFamily& handshakes;  ///< arngate_tls_handshakes_total{outcome,version}

private:
    std::array<Counter*, limit_count> limits_{};
};

}  // namespace arngate::http
