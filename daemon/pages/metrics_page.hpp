#pragma once

#include "daemon/http/exchange.hpp"
#include "daemon/pages/metrics_renderer.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <utility>

namespace arngate::pages {

/// /metrics: everything the registry holds, in Prometheus' text format. Any method. Answers later, on its loop;
/// with 500 when the text could not be written.
class MetricsPage final : public http::Handler {
public:
    /// `renderer` must outlive the page; `loop` is where the page's requests are answered.
    MetricsPage(MetricsRenderer& renderer, boost::asio::any_io_executor loop)
        : renderer_(renderer), loop_(std::move(loop)) {}

    bool handle(const http::Request& request, http::Response& response, const http::Defer& defer) override;

private:
    MetricsRenderer& renderer_;
    boost::asio::any_io_executor loop_;
};

}  // namespace arngate::pages
