#include "daemon/http/metrics.hpp"

#include <string>

namespace arngate::http {
namespace {

// In the order of the enum.
constexpr std::array<std::string_view, limit_count> limit_names{
    "body_bytes",
    "header_bytes",
    "connections",
    "requests_per_connection",
    "pipelined_bytes",
    "handshake_timeout",
    "header_timeout",
    "body_timeout",
    "write_timeout",
    "idle_timeout",
    "drain_timeout",
    "stream_resets",
    "control_frames",
};

}  // namespace

HttpMetrics::HttpMetrics(MetricsRegistry& registry)
    : connections(registry.gauge("arngate_http_connections", "Connections that are open.")),
      accepted(registry.counter_family(
          "arngate_http_connections_total", "Connections that were ready for a request, by protocol.", {"protocol"}
      )),
      requests(registry.counter_family(
          "arngate_http_requests_total", "Requests answered, by path and status.", {"path", "code"}
      )),
      handshakes(registry.counter_family(
          "arngate_tls_handshakes_total", "TLS handshakes of clients, by outcome and version.", {"outcome", "version"}
      )) {
    for (std::size_t i = 0; i < limit_count; ++i) {
        limits_[i] = &registry.counter(
            "arngate_http_limit_total", "How often a client reached a limit.", {{"limit", std::string(limit_names[i])}}
        );
    }
}

}  // namespace arngate::http
