#pragma once

#include "daemon/http/exchange.hpp"
#include "daemon/http/metrics.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::http {

/// Sends a request to the handler of its path, of any method: which methods a page takes is the page's to say. A path
/// that is not clean ("//a", "/./a") is redirected to the clean one with 307; a path that nobody serves gets 404.
/// Counts every answer in arngate_http_requests_total. One a loop.
class Router final : public Handler {
public:
    explicit Router(std::shared_ptr<HttpMetrics> metrics);
    ~Router() override;

    /// `path` is compared byte for byte and becomes a label value. `handler` must outlive the router.
    void add(std::string path, Handler& handler);
    /// Serves every path that has no handler of its own, instead of the redirect and the 404.
    void set_fallback(Handler& handler);

    bool handle(const Request& request, Response& response, const Defer& defer) override;

private:
    struct Route;

    std::shared_ptr<HttpMetrics> metrics_;
    std::vector<std::shared_ptr<Route>> routes_;  ///< shared with answers to come, which may outlive the router
    std::shared_ptr<Route> fallback_;
};

/// The clean form of an absolute path: one slash between segments, no "." or "..", a slash at the end kept.
[[nodiscard]] std::string clean_path(std::string_view path);

}  // namespace arngate::http
