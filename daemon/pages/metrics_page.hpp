#pragma once

#include "core/base/metrics.hpp"
#include "daemon/http/exchange.hpp"

namespace arngate::pages {

/// /metrics: everything the registry holds, in Prometheus' text format. Any method.
class MetricsPage final : public http::Handler {
public:
    /// `registry` must outlive the page.
    explicit MetricsPage(const MetricsRegistry& registry) : registry_(registry) {}

    bool handle(const http::Request& request, http::Response& response, const std::function<http::Completion()>& defer)
        override;

private:
    const MetricsRegistry& registry_;
};

}  // namespace arngate::pages
