#pragma once

#include "daemon/http/exchange.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace arngate::pages {

/// Named questions about the process, e.g. "mapping-loaded". Filled at start-up, then only read.
class HealthChecks {
public:
    /// Nothing when all is well, else one sentence for people.
    using Check = std::function<std::optional<std::string>()>;

    /// `check` is called on the loop of whoever asks: it must be thread-safe and quick.
    void add(std::string name, Check check);
    /// More lines for "?verbose", which decide nothing. `lines` is called as a check is.
    void add_lines(std::function<std::vector<std::string>()> lines) { lines_.push_back(std::move(lines)); }

private:
    friend class HealthChecksPage;
    struct Named {
        std::string name;
        Check check;
    };
    std::vector<Named> checks_;
    std::vector<std::function<std::vector<std::string>()>> lines_;
};

/// "ok" to every method and path: the process serves. For /healthz, and as the fallback of the health listener.
class HealthPage final : public http::Handler {
public:
    bool handle(const http::Request& request, http::Response& response, const http::Defer& defer) override;
};

/// /livez and /readyz: 200 "ok" when every check passes, else 503 with one line a check. "?verbose" gives the lines in
/// either case, in the form kube-apiserver's own pages have.
class HealthChecksPage final : public http::Handler {
public:
    /// `name` is said in the last line, e.g. "readyz". `checks` must outlive the page.
    HealthChecksPage(std::string name, const HealthChecks& checks) : name_(std::move(name)), checks_(checks) {}

    bool handle(const http::Request& request, http::Response& response, const http::Defer& defer) override;

private:
    std::string name_;
    const HealthChecks& checks_;
};

}  // namespace arngate::pages
