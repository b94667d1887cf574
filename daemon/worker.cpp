#include "daemon/worker.hpp"

#include "daemon/core_options.hpp"
#include "daemon/front_options.hpp"

#include <cstddef>
#include <memory>
#include <utility>

namespace arngate {

namespace {

http::ListenerOptions listener_options(const Shared& shared, http::TlsServer tls) {
    http::ListenerOptions options;
    options.limits = http_limits(shared.settings, shared.loops);
    options.tls = std::move(tls);
    return options;
}

}  // namespace

Worker::Worker(
    EventLoop& loop, const Shared& shared, std::shared_ptr<const mapping::Table> table, http::BoundSocket webhook
)
    : loop_(loop),
      shared_(shared),
      pool_(loop.executor(), shared.sts_tls, pool_options(shared.settings), shared.pool_metrics),
      client_(pool_, sts_client_options(shared.settings), shared.sts_metrics, shared.sts_governor),
      authenticator_(
          loop.executor(),
          shared.clock,
          authenticator_options(shared.settings, shared.hosts),
          shared.knowledge,
          client_,
          shared.registry
      ),
      authenticate_page_(
          authenticate_options(shared.settings),
          authenticator_,
          shared.clock,
          std::move(table),
          shared.review_metrics,
          {.resolver = shared.node_names, .executor = loop.executor()}
      ),
      live_page_("livez", shared.live),
      ready_page_("readyz", shared.ready),
      metrics_page_(shared.metrics_renderer, loop.executor()),
      router_(shared.http_metrics) {
    router_.add("/authenticate", authenticate_page_);
    router_.add("/healthz", health_page_);
    router_.add("/livez", live_page_);
    router_.add("/readyz", ready_page_);
    router_.add("/metrics", metrics_page_);
    webhook_.emplace(
        loop.executor(),
        std::move(webhook),
        listener_options(shared, shared.webhook_tls),
        router_,
        shared.clock,
        shared.http_metrics
    );
}

Worker::~Worker() = default;

Worker::Side& Worker::add_side() {
    return *sides_.emplace_back(std::make_unique<Side>(shared_.http_metrics));
}

void Worker::listen(Side& side, http::BoundSocket socket) {
    side.listener.emplace(
        loop_.executor(),
        std::move(socket),
        listener_options(shared_, nullptr),
        side.router,
        shared_.clock,
        shared_.http_metrics
    );
}

void Worker::add_health_listener(http::BoundSocket socket) {
    Side& side = add_side();
    side.router.set_fallback(health_page_);
    // The Go server says "ok" to every path here.
    if (shared_.settings.profile != config::Profile::reference) {
        side.router.add("/livez", live_page_);
        side.router.add("/readyz", ready_page_);
    }
    listen(side, std::move(socket));
}

void Worker::add_metrics_listener(http::BoundSocket socket) {
    Side& side = add_side();
    side.router.add("/metrics", metrics_page_);
    listen(side, std::move(socket));
}

void Worker::start() {
    webhook_->start();
    for (const auto& side : sides_) {
        side->listener->start();
    }
}

void Worker::set_tls(http::TlsServer tls) {
    webhook_->set_tls(std::move(tls));
}

void Worker::set_table(std::shared_ptr<const mapping::Table> table) {
    authenticate_page_.set_table(std::move(table));
}

void Worker::drain(std::move_only_function<void()> done) {
    drain_until_ = shared_.clock.steady() + http_limits(shared_.settings, shared_.loops).drain_timeout;
    webhook_->drain(std::move(done), drain_until_);
}

void Worker::drain_sides(std::function<void()> done) {
    if (sides_.empty()) {
        return done();
    }
    const auto left = std::make_shared<std::size_t>(sides_.size());
    for (const auto& side : sides_) {
        side->listener->drain(
            [left, done] {
                if (--*left == 0) {
                    done();
                }
            },
            drain_until_
        );
    }
}

void Worker::close() {
    webhook_.reset();
    sides_.clear();
    pool_.close();
}

}  // namespace arngate
