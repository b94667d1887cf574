#include "daemon/http/router.hpp"

#include "daemon/http/answers.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace arngate::http {
namespace {

/// The clean path as a Location. A backslash is written as an escape: browsers read it as a slash, and a path that
/// begins with two of those would lead to another host.
std::string location_of(std::string_view clean, std::string_view query) {
    std::string location;
    for (const char c : clean) {
        if (c == '\\') {
            location += "%5C";
        } else {
            location += c;
        }
    }
    if (!query.empty()) {
        location += '?';
        location += query;
    }
    return location;
}

}  // namespace

std::string clean_path(std::string_view path) {
    std::string clean;
    while (!path.empty()) {
        path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
        const std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        if (segment == "..") {
            clean.resize(clean.empty() ? 0 : clean.rfind('/'));
        } else if (!segment.empty() && segment != ".") {
            clean += '/';
            clean += segment;
        } else if (segment.empty() && path.empty()) {
            clean += '/';  // what was given ends with a slash
        }
    }
    return clean.empty() ? "/" : clean;
}

struct Router::Route {
    Route(std::string served, Handler* by, std::shared_ptr<HttpMetrics> into)
        : path(std::move(served)), handler(by), metrics(std::move(into)) {}

    void count(unsigned status) {
        for (const auto& [known, counter] : counters) {
            if (known == status) {
                counter->add();
                return;
            }
        }
        Counter& counter = metrics->requests.with({path, std::to_string(status)});
        counters.emplace_back(status, &counter);
        counter.add();
    }

    std::string path;
    Handler* handler;
    std::shared_ptr<HttpMetrics> metrics;
    std::vector<std::pair<unsigned, Counter*>> counters;  ///< by status, so that counting is a look at a short list
};

Router::Router(std::shared_ptr<HttpMetrics> metrics)
    : metrics_(std::move(metrics)), fallback_(std::make_shared<Route>("other", nullptr, metrics_)) {}

Router::~Router() = default;

void Router::add(std::string path, Handler& handler) {
    routes_.push_back(std::make_shared<Route>(std::move(path), &handler, metrics_));
}

void Router::set_fallback(Handler& handler) {
    fallback_->handler = &handler;
}

bool Router::handle(const Request& request, Response& response, const Defer& defer) {
    const auto found = std::ranges::find_if(routes_, [&](const auto& route) { return route->path == request.path; });
    const std::shared_ptr<Route>& route = found != routes_.end() ? *found : fallback_;
    if (route->handler == nullptr) {
        if (std::string clean = clean_path(request.path); clean != request.path) {
            response.status = 307;
            response.location = location_of(clean, request.query);
        } else {
            fill_error(response, 404, "404 page not found");
        }
        route->count(response.status);
        return true;
    }
    // Small enough for std::function to hold without an allocation.
    struct Waiting {
        const std::shared_ptr<Route>& route;
        const Defer& defer;
    } waiting{.route = route, .defer = defer};
    const Defer defer_and_count = [&waiting](std::size_t expected_bytes) -> Completion {
        return [to = waiting.route, complete = waiting.defer(expected_bytes)](Response late) mutable {
            to->count(late.status);
            complete(std::move(late));
        };
    };
    bool answered = true;
    try {
        answered = route->handler->handle(request, response, defer_and_count);
    } catch (const std::exception&) {
        fill_internal_error(response);
    }
    if (answered) {
        route->count(response.status);
    }
    return answered;
}

}  // namespace arngate::http
