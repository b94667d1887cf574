#pragma once

#include "daemon/http/exchange.hpp"
#include "daemon/http/metrics.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::http {

/// Sends a request to the handler of its path, of any method: which methods a page takes is the page's to say. A path
/// that is not clean ("//a", "/./a") is redirected to the clean one with 307; a path that nobody serves gets 404.
/// Counts every answer in arngate_http_requests_total. One a loop.
class Router final : public Handler {
public:
    explicit Router(std::shared_ptr<HttpMetrics> metrics);

    /// `path` is compared byte for byte and becomes a label value. `handler` must outlive the router.
    void add(std::string path, Handler& handler);
    /// Serves every path that has no handler of its own, instead of the redirect and the 404.
    void set_fallback(Handler& handler);

    bool handle(const Request& request, Response& response, const std::function<Completion()>& defer) override;

private:
    struct Route {
        std::string path;
        Handler* handler = nullptr;
        std::vector<std::pair<unsigned, Counter*>> counters;  ///< by status, so that counting is a look at a short list
    };

    void count(Route& route, unsigned status);

    std::shared_ptr<HttpMetrics> metrics_;
    std::vector<std::unique_ptr<Route>> routes_;  ///< each stays where it is: answers to come point to it
    Route fallback_;
};

/// The clean form of an absolute path: one slash between segments, no "." or "..", a slash at the end kept.
[[nodiscard]] std::string clean_path(std::string_view path);

}  // namespace arngate::http
