#include "core/net/https_pool.hpp"

#include "core/net/connection_set.hpp"
#include "core/net/endpoint.hpp"
#include "core/net/h2_connection.hpp"
#include "core/net/h2_group.hpp"
#include "core/net/https_connection.hpp"
#include "core/net/proxy.hpp"
#include "core/net/request_head.hpp"
#include "core/net/tls_client.hpp"

#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

namespace arngate::net {

namespace asio = boost::asio;

namespace {

/// Of a request that the server has not looked at.
constexpr int max_repeats = 2;

}  // namespace

HttpsPoolMetrics::HttpsPoolMetrics(MetricsRegistry& registry)
    : opened(registry.counter("arngate_https_connections_opened_total", "Connections opened to AWS endpoints.")),
      reused(registry.counter("arngate_https_connections_reused_total", "Requests sent on a connection kept alive.")),
      failed(registry.counter("arngate_https_connections_failed_total", "Connections that could not be made.")),
      resumed(registry.counter(
          "arngate_https_connections_resumed_total", "Connections to AWS endpoints whose TLS session was resumed."
      )),
      open(registry.gauge("arngate_https_connections_open", "Connections to AWS endpoints that are open.")),
      idle(registry.gauge("arngate_https_connections_idle", "Open connections that carry no request.")),
      waiting(registry.gauge("arngate_https_requests_waiting", "Requests that wait for a connection.")),
      streams(registry.gauge("arngate_https_streams_open", "Requests that are under way over HTTP/2.")) {}

struct HttpsPool::State : std::enable_shared_from_this<State> {
    /// What is asked of whom. Lies in the frame of `exchange`, which outlives all that is awaited for it.
    struct Call {
        Endpoint endpoint;
        HttpRequest request;
        Deadline deadline;
    };

    State(
        asio::any_io_executor loop,
        std::shared_ptr<TlsClient> tls_client,
        HttpsPoolOptions pool_options,
        std::shared_ptr<HttpsPoolMetrics> pool_metrics
    );

    [[nodiscard]] static asio::awaitable<Result<HttpResponse>> exchange(std::shared_ptr<State> self, Call call);
    /// Nothing when it has to go over HTTP/1.1, over `http1` if that is set.
    [[nodiscard]] static asio::awaitable<std::optional<Result<HttpResponse>>> exchange_http2(
        std::shared_ptr<State> self, const Call* call, std::shared_ptr<HttpsConnection>* http1
    );
    /// Nothing when the connection that was opened for it speaks HTTP/2.
    [[nodiscard]] static asio::awaitable<std::optional<Result<HttpResponse>>> exchange_http1(
        std::shared_ptr<State> self, const Call* call, std::shared_ptr<HttpsConnection> http1
    );
    [[nodiscard]] static asio::awaitable<Result<std::shared_ptr<HttpsConnection>>> open(
        std::shared_ptr<State> self, Endpoint endpoint, Deadline deadline
    );
    [[nodiscard]] std::shared_ptr<H2Group> group_of(const Endpoint& endpoint);

    asio::any_io_executor executor;
    std::shared_ptr<TlsClient> tls;
    HttpsPoolOptions options;
    std::optional<Proxy> proxy;
    std::shared_ptr<HttpsPoolMetrics> metrics;
    std::shared_ptr<ConnectionSet> connections;
    std::map<Endpoint, std::shared_ptr<H2Group>> groups;
    bool closed = false;
};

HttpsPool::State::State(
    asio::any_io_executor loop,
    std::shared_ptr<TlsClient> tls_client,
    HttpsPoolOptions pool_options,
    std::shared_ptr<HttpsPoolMetrics> pool_metrics
)
    : executor(std::move(loop)),
      tls(std::move(tls_client)),
      options(std::move(pool_options)),
      metrics(std::move(pool_metrics)),
      connections(std::make_shared<ConnectionSet>(executor, options, metrics)) {
    if (!options.proxy.https_proxy.empty()) {
        auto parsed = Proxy::parse(options.proxy.https_proxy);
        if (!parsed) {
            throw std::runtime_error(parsed.error());
        }
        proxy = std::move(*parsed);
    }
}

std::shared_ptr<H2Group> HttpsPool::State::group_of(const Endpoint& endpoint) {
    auto& group = groups[endpoint];
    if (group == nullptr) {
        auto opener = [weak = weak_from_this(), endpoint, timeout = options.connect_timeout] {
            return open(weak.lock(), endpoint, Deadline::after(timeout));
        };
        group = std::make_shared<H2Group>(executor, authority(endpoint), options, metrics, std::move(opener));
        if (closed) {
            group->close();
        }
    }
    return group;
}

asio::awaitable<Result<std::shared_ptr<HttpsConnection>>> HttpsPool::State::open(
    std::shared_ptr<State> self, Endpoint endpoint, Deadline deadline
) {
    if (self == nullptr) {
        co_return fail(Reason::overloaded, "no request to " + authority(endpoint) + ": shutting down");
    }
    // What is redirected by hand is dialled as it was redirected, so the proxy rules look at that.
    Endpoint dial = redirected(endpoint, self->options.connect_to);
    const bool through_proxy = self->proxy && self->options.proxy.applies_to(dial.host, dial.port);
    const Proxy* const use_proxy = through_proxy ? &*self->proxy : nullptr;
    auto connection = std::make_shared<HttpsConnection>(self->executor, self->tls, endpoint, self->options);
    if (self->options.http2 && self->group_of(endpoint)->offers_http2()) {
        connection->offer_http2();
    }
    auto opened =
        co_await connection->open(std::move(dial), use_proxy, deadline.no_later_than(self->options.connect_timeout));
    if (!opened) {
        self->metrics->failed.add();
        co_return std::unexpected(std::move(opened.error()));
    }
    self->metrics->opened.add();
    if (connection->is_resumed()) {
        self->metrics->resumed.add();
    }
    co_return connection;
}

asio::awaitable<Result<HttpResponse>> HttpsPool::State::exchange(std::shared_ptr<State> self, Call call) {
    for (;;) {
        std::shared_ptr<HttpsConnection> http1;
        if (self->options.http2 && self->group_of(call.endpoint)->may_speak_http2()) {
            auto answer = co_await exchange_http2(self, &call, &http1);
            if (answer) {
                co_return std::move(*answer);
            }
        }
        auto answer = co_await exchange_http1(self, &call, std::move(http1));
        if (answer) {
            co_return std::move(*answer);
        }
    }
}

asio::awaitable<std::optional<Result<HttpResponse>>> HttpsPool::State::exchange_http2(
    std::shared_ptr<State> self, const Call* call, std::shared_ptr<HttpsConnection>* http1
) {
    const auto group = self->group_of(call->endpoint);
    bool repeated_lost = false;
    for (int repeats = 0;; ++repeats) {
        auto place = group->take();
        if (!place) {
            auto waited_for = co_await H2Group::acquire(group, call->deadline);
            if (!waited_for) {
                co_return std::unexpected(std::move(waited_for.error()));
            }
            place.emplace(std::move(*waited_for));
        }
        if (!place->slot) {
            *http1 = std::move(place->http1);
            co_return std::nullopt;
        }
        H2Connection::Slot slot = std::move(*place->slot);
        auto answer = co_await H2Connection::exchange(std::move(slot), &call->endpoint, &call->request, call->deadline);
        if (answer.end == H2End::wants_http1) {
            group->use_http1_only();
            continue;
        }
        const bool is_untouched = answer.end == H2End::refused && repeats < max_repeats;
        const bool broke_before_answer = answer.end == H2End::lost && !answer.has_begun && !call->request.body;
        if (!is_untouched && (!broke_before_answer || std::exchange(repeated_lost, true))) {
            co_return std::move(answer.result);
        }
    }
}

asio::awaitable<std::optional<Result<HttpResponse>>> HttpsPool::State::exchange_http1(
    std::shared_ptr<State> self, const Call* call, std::shared_ptr<HttpsConnection> http1
) {
    const HttpRequest& request = call->request;
    const auto head = request_head(call->endpoint, request);
    if (!head) {
        co_return std::unexpected(head.error());
    }
    const BodyRule rule = request.method == "HEAD" ? BodyRule::none : BodyRule::as_framed;

    auto lease = self->connections->take(call->endpoint);
    if (!lease) {
        auto waited_for = co_await ConnectionSet::acquire(self->connections, call->endpoint, call->deadline);
        if (!waited_for) {
            co_return std::unexpected(std::move(waited_for.error()));
        }
        lease.emplace(std::move(*waited_for));
    }
    if (lease->connection() != nullptr) {
        self->metrics->reused.add();
        auto answer = co_await lease->connection()->exchange(head->expose(), rule, call->deadline);
        if (answer || !lease->connection()->broke_before_answer() || request.body) {
            co_return answer;
        }
        lease->drop();
    }
    if (http1 == nullptr) {
        auto opened = co_await open(self, call->endpoint, call->deadline);
        if (!opened) {
            co_return std::unexpected(std::move(opened.error()));
        }
        http1 = std::move(*opened);
        if (http1->speaks_http2()) {
            self->group_of(call->endpoint)->adopt(std::move(http1));
            co_return std::nullopt;
        }
    }
    lease->put(std::move(http1));
    auto answer = co_await lease->connection()->exchange(head->expose(), rule, call->deadline);
    co_return answer;
}

HttpsPool::HttpsPool(
    asio::any_io_executor executor,
    std::shared_ptr<TlsClient> tls,
    HttpsPoolOptions options,
    std::shared_ptr<HttpsPoolMetrics> metrics
)
    : state_(std::make_shared<State>(std::move(executor), std::move(tls), std::move(options), std::move(metrics))) {}

HttpsPool::~HttpsPool() {
    close();
}

asio::awaitable<Result<HttpResponse>> HttpsPool::exchange(Endpoint endpoint, HttpRequest request, Deadline deadline) {
    return State::exchange(state_, {std::move(endpoint), std::move(request), deadline});
}

void HttpsPool::close() {
    state_->closed = true;
    state_->connections->close();
    for (const auto& [endpoint, group] : state_->groups) {
        group->close();
    }
}

}  // namespace arngate::net
