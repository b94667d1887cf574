#include "daemon/pages/metrics_page.hpp"

namespace arngate::pages {

bool MetricsPage::handle(
    const http::Request& /*request*/, http::Response& response, const std::function<http::Completion()>& /*defer*/
) {
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = registry_.text();
    return true;
}

}  // namespace arngate::pages
