#pragma once

#include "core/base/metrics.hpp"
#include "daemon/application.hpp"
#include "daemon/application_metrics.hpp"
#include "daemon/listening_sockets.hpp"
#include "daemon/mapping_service.hpp"
#include "daemon/mapping_sources.hpp"
#include "daemon/node_name_service.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/upkeep.hpp"
#include "daemon/webhook_front.hpp"
#include "daemon/worker_group.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <atomic>
#include <expected>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace arngate {

/// What a server consists of. For the files of Application alone: application_start.cpp makes the parts,
/// application.cpp reacts to signals and reports, and ends them.
struct Application::State {
    State(config::LoadRequest load_request, config::Loaded loaded, const Clock& used_clock)
        : settings(std::move(loaded.settings)),
          warnings(std::move(loaded.warnings)),
          clock(used_clock),
          metrics(registry),
          signals(control),
          sources{
              .settings = settings,
              .clock = clock,
              .request = std::move(load_request),
              .running = std::move(loaded.values),
              .warnings = warnings,
              .pool_metrics = std::make_shared<net::HttpsPoolMetrics>(registry),
              .config_map_watch_failures = metrics.config_map_watch_failures,
          } {}

    static const char* environment(const char* name);

    /// Comes to its end without having started when it is asked to stop meanwhile.
    std::expected<void, std::string> start(std::ostream& out);
    void announce(std::ostream& out);
    void prepare_shared(http::TlsServer webhook_tls, unsigned count);
    std::expected<void, std::string> open_side_listeners();
    std::expected<void, std::string> start_mapping();
    void start_upkeep(WebhookFront& front);
    void take_update(MappingKeeper::Update update);
    void expect_name_questions();
    void wait_for_signal();
    void on_signal(int number);
    bool stop_is_asked();
    void begin_drain();
    /// Ends what runs. False: a source of mappings that keeps its thread, as reading a file of a file system that hangs
    /// does, was not waited for.
    [[nodiscard]] bool finish();

    config::Settings settings;
    config::Problems warnings;
    const Clock& clock;
    MetricsRegistry registry;
    ApplicationMetrics metrics;

    /// Signals, and what reports back from the loops and from reloads. Runs on the thread that called `run`.
    boost::asio::io_context control{1};
    boost::asio::signal_set signals;
    pages::MetricsRenderer metrics_renderer{registry, control.get_executor()};

    const ServiceNotifier notifier{environment};
    std::optional<ListeningSockets> listening;

    bool serving = false;
    std::atomic<bool> stopping{false};
    pages::HealthChecks live;
    pages::HealthChecks ready;

    std::optional<aws::StsHostTable> hosts;
    std::optional<auth::Knowledge> knowledge;
    MappingSourceOptions sources;
    std::optional<MappingService::First> first_mapping;
    std::optional<MappingService> mapper;
    std::shared_ptr<const mapping::Table> table;
    std::optional<NodeNameService> node_names;
    bool names_were_asked_for = false;
    std::optional<Shared> shared;
    WorkerGroup workers;
    std::optional<Upkeep> upkeep;
};

}  // namespace arngate
