#pragma once

#include "config/settings.hpp"
#include "core/auth/authenticator.hpp"
#include "core/auth/knowledge.hpp"
#include "core/aws/sts_hosts.hpp"
#include "core/base/clock.hpp"
#include "core/base/metrics.hpp"
#include "core/ec2/node_name_resolver.hpp"
#include "core/mapping/table.hpp"
#include "core/net/https_pool.hpp"
#include "core/sts/client.hpp"
#include "core/sts/governor.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/http/bound_socket.hpp"
#include "daemon/http/listener.hpp"
#include "daemon/http/metrics.hpp"
#include "daemon/http/router.hpp"
#include "daemon/http/tls_server.hpp"
#include "daemon/pages/authenticate.hpp"
#include "daemon/pages/health.hpp"
#include "daemon/pages/metrics_page.hpp"
#include "daemon/pages/metrics_renderer.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace arngate {

/// What all loops share: each is immutable or thread-safe, and outlives every worker.
struct Shared {
    const config::Settings& settings;
    const Clock& clock;
    MetricsRegistry& registry;
    const aws::StsHostTable& hosts;
    auth::Knowledge& knowledge;
    const pages::HealthChecks& live;
    const pages::HealthChecks& ready;
    pages::MetricsRenderer& metrics_renderer;
    std::shared_ptr<net::TlsClient> sts_tls;
    http::TlsServer webhook_tls;
    std::shared_ptr<net::HttpsPoolMetrics> pool_metrics;
    std::shared_ptr<sts::ClientMetrics> sts_metrics;
    std::shared_ptr<sts::Governor> sts_governor;
    std::shared_ptr<http::HttpMetrics> http_metrics;
    std::shared_ptr<pages::ReviewMetrics> review_metrics;
    ec2::NodeNameResolver* node_names = nullptr;  ///< nullptr: templates that ask for a name fail
    unsigned loops = 1;
};

/// Everything that serves on one event loop, from the listener down to the connections to STS. Made before the loop
/// starts and destroyed after it has ended; in between every member is called on the loop.
class Worker {
public:
    Worker(
        EventLoop& loop, const Shared& shared, std::shared_ptr<const mapping::Table> table, http::BoundSocket webhook
    );
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker();

    /// Listeners that the process has once, in clear text.
    void add_health_listener(http::BoundSocket socket);
    void add_metrics_listener(http::BoundSocket socket);

    /// Begins to accept.
    void start();
    /// For connections to come.
    void set_tls(http::TlsServer tls);
    /// For reviews to come.
    void set_table(std::shared_ptr<const mapping::Table> table);
    /// Takes no new connections on the webhook and finishes what runs; then calls `done`, on the loop. Health and
    /// metrics are still served.
    void drain(std::move_only_function<void()> done);
    /// The same of health and metrics, once no webhook is left. Both together take no longer than the first may.
    void drain_sides(std::function<void()> done);
    /// Closes what is left.
    void close();

private:
    /// A clear-text listener with its own routes.
    struct Side {
        explicit Side(std::shared_ptr<http::HttpMetrics> metrics) : router(std::move(metrics)) {}
        http::Router router;
        std::optional<http::Listener> listener;
    };
    Side& add_side();
    void listen(Side& side, http::BoundSocket socket);

    EventLoop& loop_;
    const Shared& shared_;
    net::HttpsPool pool_;
    sts::Client client_;
    auth::Authenticator authenticator_;
    pages::AuthenticatePage authenticate_page_;
    pages::HealthPage health_page_;
    pages::HealthChecksPage live_page_;
    pages::HealthChecksPage ready_page_;
    pages::MetricsPage metrics_page_;
    http::Router router_;
    std::optional<http::Listener> webhook_;
    std::vector<std::unique_ptr<Side>> sides_;
    SteadyTime drain_until_ = SteadyTime::max();
};

}  // namespace arngate
