#include "core/net/https_pool.hpp"

#include "core/net/connection_set.hpp"
#include "core/net/endpoint.hpp"
#include "core/net/https_connection.hpp"
#include "core/net/proxy.hpp"
#include "core/net/request_head.hpp"
#include "core/net/tls_client.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

namespace arngate::net {

namespace asio = boost::asio;

HttpsPoolMetrics::HttpsPoolMetrics(MetricsRegistry& registry)
    : opened(registry.counter("arngate_https_connections_opened_total", "Connections opened to AWS endpoints.")),
      reused(registry.counter("arngate_https_connections_reused_total", "Requests sent on a connection kept alive.")),
      failed(registry.counter("arngate_https_connections_failed_total", "Connections that could not be made.")),
      open(registry.gauge("arngate_https_connections_open", "Connections to AWS endpoints that are open.")),
      idle(registry.gauge("arngate_https_connections_idle", "Open connections that carry no request.")),
      waiting(registry.gauge("arngate_https_requests_waiting", "Requests that wait for a connection.")) {}

struct HttpsPool::State {
    State(
        asio::any_io_executor loop,
        std::shared_ptr<TlsClient> tls_client,
        HttpsPoolOptions pool_options,
        std::shared_ptr<HttpsPoolMetrics> pool_metrics
    );

    [[nodiscard]] static asio::awaitable<Result<HttpResponse>> exchange(
        std::shared_ptr<State> self, Endpoint endpoint, HttpRequest request, Deadline deadline
    );
    [[nodiscard]] asio::awaitable<Result<void>> open(ConnectionSet::Lease& lease, Endpoint endpoint, Deadline deadline);

    asio::any_io_executor executor;
    std::shared_ptr<TlsClient> tls;
    HttpsPoolOptions options;
    std::optional<Proxy> proxy;
    std::shared_ptr<HttpsPoolMetrics> metrics;
    std::shared_ptr<ConnectionSet> connections;
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

asio::awaitable<Result<void>> HttpsPool::State::open(
    ConnectionSet::Lease& lease, Endpoint endpoint, Deadline deadline
) {
    // What is redirected by hand is dialled as it was redirected, so the proxy rules look at that.
    Endpoint dial = redirected(endpoint, options.connect_to);
    const bool through_proxy = proxy && options.proxy.applies_to(dial.host, dial.port);
    const Proxy* const use_proxy = through_proxy ? &*proxy : nullptr;
    auto connection = std::make_shared<HttpsConnection>(executor, tls, endpoint, options);
    auto opened =
        co_await connection->open(std::move(dial), use_proxy, deadline.no_later_than(options.connect_timeout));
    if (!opened) {
        metrics->failed.add();
        co_return opened;
    }
    metrics->opened.add();
    lease.put(std::move(connection));
    co_return opened;
}

asio::awaitable<Result<HttpResponse>> HttpsPool::State::exchange(
    std::shared_ptr<State> self, Endpoint endpoint, HttpRequest request, Deadline deadline
) {
    const auto head = request_head(endpoint, request);
    if (!head) {
        co_return std::unexpected(head.error());
    }
    const BodyRule rule = request.method == "HEAD" ? BodyRule::none : BodyRule::as_framed;

    auto lease = co_await ConnectionSet::acquire(self->connections, endpoint, deadline);
    if (!lease) {
        co_return std::unexpected(std::move(lease.error()));
    }
    if (lease->connection() != nullptr) {
        self->metrics->reused.add();
        auto answer = co_await lease->connection()->exchange(head->expose(), rule, deadline);
        if (answer || !lease->connection()->broke_before_answer() || request.body) {
            co_return answer;
        }
        lease->drop();
    }
    auto opened = co_await self->open(*lease, endpoint, deadline);
    if (!opened) {
        co_return std::unexpected(std::move(opened.error()));
    }
    auto answer = co_await lease->connection()->exchange(head->expose(), rule, deadline);
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
    return State::exchange(state_, std::move(endpoint), std::move(request), deadline);
}

void HttpsPool::close() {
    state_->connections->close();
}

}  // namespace arngate::net
