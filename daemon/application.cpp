#include "daemon/application.hpp"

#include "config/mounted_file.hpp"
#include "config/sources/file_source.hpp"
#include "core/base/log.hpp"
#include "core/base/memory.hpp"
#include "core/base/version.hpp"
#include "core/net/endpoint.hpp"
#include "daemon/application_metrics.hpp"
#include "daemon/core_options.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/front_options.hpp"
#include "daemon/listening_sockets.hpp"
#include "daemon/mapping_log.hpp"
#include "daemon/mapping_service.hpp"
#include "daemon/mapping_sources.hpp"
#include "daemon/node_name_service.hpp"
#include "daemon/own_region.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/upkeep.hpp"
#include "daemon/webhook_files.hpp"
#include "daemon/webhook_front.hpp"
#include "daemon/worker_group.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <expected>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

namespace arngate {

namespace asio = boost::asio;

namespace {

/// How long a loop may take to end after it was drained, before what it still waits for is dropped.
constexpr std::chrono::milliseconds loop_patience{1000};

/// Ends background writing: returns when every line is on standard error, and so is each that comes later at once.
void write_log_out(const config::LogSettings& settings) {
    log::configure({settings.level, settings.format, log::Delivery::at_once});
}

const char* environment(const char* name) {
    return std::getenv(name);
}

}  // namespace

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
              .pool_metrics = std::make_shared<net::HttpsPoolMetrics>(registry),
              .config_map_watch_failures = metrics.config_map_watch_failures,
          } {}

    /// Comes to its end without having started when it is asked to stop meanwhile.
    std::expected<void, std::string> start(std::ostream& out);
    void announce(std::ostream& out);
    void prepare_shared(http::TlsServer webhook_tls, unsigned count);
    std::expected<void, std::string> open_side_listeners();
    std::expected<void, std::string> start_mapping();
    void start_upkeep(WebhookFront& front);
    void take_update(MappingKeeper::Update update);
    void warn_if_names_cannot_be_asked();
    void wait_for_signal();
    void on_signal(int number);
    bool stop_is_asked();
    void begin_drain();
    void finish();
    void give_up_start();

    config::Settings settings;
    config::Problems warnings;
    const Clock& clock;
    MetricsRegistry registry;
    ApplicationMetrics metrics;

    /// Signals, and what reports back from the loops and from reloads. Runs on the thread that called `run`.
    asio::io_context control{1};
    asio::signal_set signals;
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

std::expected<void, std::string> Application::State::start(std::ostream& out) {
    announce(out);
    auto node_name_settings = NodeNameService::check(settings);
    if (!node_name_settings) {
        return node_name_settings;
    }
    auto mapped = start_mapping();
    if (!mapped || stop_is_asked()) {
        return mapped;
    }
    const auto owner = settings.server.reuse_port ? http::PortOwner::shared : http::PortOwner::sole;
    auto given = ListeningSockets::take(environment, owner);
    if (!given) {
        return std::unexpected(std::move(given).error());
    }
    listening.emplace(std::move(*given));
    const unsigned count = loop_count(settings.server.threads);
    auto front = prepare_webhook(settings, clock.wall(), *listening, count);
    if (!front) {
        return std::unexpected(std::move(front).error());
    }
    metrics.certificate_loaded(front->certificate_end);

    settings.sts.own_region = own_region(settings, environment);
    auto built = aws::StsHostTable::build(host_table_options(settings));
    if (!built) {
        return std::unexpected(std::move(built).error());
    }
    hosts.emplace(std::move(*built));
    ready.add("shutdown", [this]() -> std::optional<std::string> {
        return stopping.load(std::memory_order_relaxed) ? std::optional<std::string>("the process is stopping")
                                                        : std::nullopt;
    });
    prepare_shared(std::move(front->tls), count);
    warn_if_names_cannot_be_asked();
    const std::string address = net::authority({settings.server.address, front->port()});
    for (http::BoundSocket& socket : front->sockets) {
        workers.add(*shared, table, std::move(socket));
    }
    auto opened = open_side_listeners();
    if (!opened || stop_is_asked()) {
        return opened;
    }

    start_upkeep(*front);
    workers.start();
    serving = true;
    log::info(fmt::format("listening on https://{}", address), {{"threads", count}});
    log::info(api_server_hint(settings));
    notifier.ready(fmt::format("answers on https://{}", address));
    return {};
}

void Application::State::announce(std::ostream& out) {
    if (settings.profile == config::Profile::reference) {
        out << fmt::format("Authenticator Version: \"{}\", \"{}\"\n", version(), commit()) << std::flush;
    } else {
        log::info("arngate starts", {{"version", version()}, {"commit", commit()}});
    }
    for (const config::Problem& problem : warnings) {
        log::warning(problem.text());
    }
}

void Application::State::prepare_shared(http::TlsServer webhook_tls, unsigned count) {
    knowledge.emplace(knowledge_options(settings), registry);
    shared.emplace(Shared{
        .settings = settings,
        .clock = clock,
        .registry = registry,
        .hosts = *hosts,
        .knowledge = *knowledge,
        .live = live,
        .ready = ready,
        .metrics_renderer = metrics_renderer,
        .sts_tls = net::make_tls_client(pool_options(settings).tls),
        .webhook_tls = std::move(webhook_tls),
        .pool_metrics = sources.pool_metrics,
        .sts_metrics = std::make_shared<sts::ClientMetrics>(registry),
        .sts_governor = std::make_shared<sts::Governor>(call_limits(settings), registry),
        .http_metrics = std::make_shared<http::HttpMetrics>(registry),
        .review_metrics = std::make_shared<pages::ReviewMetrics>(registry),
        .node_names = nullptr,
        .loops = count,
    });
    node_names.emplace(settings, clock, registry, shared->sts_tls, shared->pool_metrics, environment);
    shared->node_names = &*node_names;
}

void Application::State::start_upkeep(WebhookFront& front) {
    upkeep.emplace(
        control.get_executor(),
        clock,
        notifier,
        workers.loops(),
        Upkeep::Options{
            .tls = tls_server_options(settings),
            .watching = config::watch_options(settings),
            .certificate_end = front.certificate_end,
            .certificate_stamps = std::move(front.certificate_stamps),
        },
        [this](CertificateWatch::Update update) {
            metrics.certificate_loaded(update.not_after);
            workers.set_tls(update.tls);
        }
    );
    live.add("loops", [this] { return upkeep->find_hanging_loop(); });
    ready.add("certificate", [this] { return upkeep->find_ended_certificate(); });
    upkeep->start();
}

std::expected<void, std::string> Application::State::open_side_listeners() {
    const config::ServerSettings& server = settings.server;
    auto health = listening->side("health", {server.health_address, server.health_port});
    if (health) {
        log::info("serving health", {{"address", net::authority({server.health_address, health->port()})}});
        workers.first().add_health_listener(std::move(*health));
    } else {
        // As the Go server has it: reviews matter more than probes.
        log::error("no health listener", {{"error", health.error()}});
    }
    if (server.metrics) {
        auto own = listening->side("metrics", *server.metrics);
        if (!own) {
            return std::unexpected(std::move(own).error());
        }
        log::info("serving metrics", {{"address", net::authority({server.metrics->address, own->port()})}});
        workers.first().add_metrics_listener(std::move(*own));
    }
    return {};
}

std::expected<void, std::string> Application::State::start_mapping() {
    for (const std::string& mode : settings.server.backend_mode) {
        mapping::SourceRules rules;
        rules.source = mode;
        if (mode == "MountedFile") {
            rules = config::effective_rules(std::move(settings.mapping.mounted_file), settings);
        }
        log_mapping(rules);
    }
    settings.mapping.mounted_file = {};  // its source reads it by itself
    std::optional<MappingCopies> copies;
    if (settings.mapping.keep_copies) {
        copies.emplace(settings.server.state_dir);
    }
    mapper.emplace(
        MappingService::Options{
            .keeper = mapping_keeper_options(settings),
            .modes = settings.server.backend_mode,
            .start_timeout = settings.mapping.start_timeout,
        },
        clock,
        registry,
        std::move(copies),
        [this](asio::any_io_executor executor, MappingService::Reloaded reloaded) {
            return make_mapping_sources(sources, executor, std::move(reloaded));
        },
        control.get_executor(),
        [this](MappingKeeper::Update update) { take_update(std::move(update)); }
    );
    mapper->start([this](MappingService::First first) { first_mapping.emplace(std::move(first)); });
    while (!first_mapping && !stopping) {
        control.run_one();
    }
    if (!first_mapping) {
        return {};
    }
    if (!*first_mapping) {
        for (const config::Problem& problem : first_mapping->error()) {
            log::error(problem.text());
        }
        return std::unexpected("the mapping cannot be used");
    }
    table = **std::exchange(first_mapping, std::nullopt);
    metrics.mapping_loaded(*table, clock.wall());
    ready.add("mapping", [this]() -> std::optional<std::string> {
        return mapper->is_ready() ? std::nullopt : std::optional<std::string>("no source of mappings was read yet");
    });
    ready.add_lines([this] { return mapper->describe(); });
    return {};
}

void Application::State::warn_if_names_cannot_be_asked() {
    if (names_were_asked_for || !table->asks_node_names()) {
        return;
    }
    names_were_asked_for = true;
    if (const auto trouble = node_names->find_trouble()) {
        log::error(
            "templates ask for {{EC2PrivateDNSName}}, and EC2 cannot be asked: their reviews will be refused",
            {{"error", *trouble}}
        );
    }
}

void Application::State::wait_for_signal() {
    signals.async_wait([this](const boost::system::error_code& ec, int number) {
        if (!ec) {
            on_signal(number);
            wait_for_signal();
        }
    });
}

void Application::State::on_signal(int number) {
    if (number == SIGHUP) {
        if (!stopping) {
            mapper->refresh();
            if (serving) {
                upkeep->refresh();
            }
        }
        return;
    }
    if (stopping) {
        log::warning("second signal: ending at once", {{"signal", number}});
        write_log_out(settings.log);
        ::_exit(1);
    }
    if (!serving) {
        log::info("stopping: the start is not finished", {{"signal", number}});
        stopping = true;
        notifier.stopping();
        return;
    }
    log::info("stopping: running reviews are finished first", {{"signal", number}});
    begin_drain();
}

/// Handles the signals that came since, but not a second one to stop: the start ends by itself.
bool Application::State::stop_is_asked() {
    while (!stopping && control.poll_one() > 0) {
    }
    return stopping;
}

void Application::State::take_update(MappingKeeper::Update update) {
    if (update.table != nullptr) {
        table = std::move(update.table);
        workers.set_table(table);
        metrics.mapping_loaded(*table, clock.wall());
        log_reload(*table, update.diff, update.sources);
        warn_if_names_cannot_be_asked();
    }
    // After the mapping went to the loops: who waits for the count finds it in force.
    metrics.reloads_done.add(update.readings);
    metrics.reloads_failed.add(update.failures);
}

void Application::State::begin_drain() {
    stopping = true;
    notifier.stopping();
    workers.drain([this] {
        asio::post(control, [this] {
            signals.cancel();
            control.stop();
        });
    });
}

void Application::State::finish() {
    upkeep->stop();
    if (mapper) {
        mapper->stop();
    }
    if (node_names) {
        node_names->stop();
    }
    // Here, so that what this refuses is in the log before the last line.
    workers.finish(loop_patience);
}

void Application::State::give_up_start() {
    if (!mapper->try_stop(loop_patience)) {
        // Nothing was served, so nothing is lost; a destructor would wait for it.
        log::warning("a source of mappings is still being read: ending without it");
        log::info("stopped");
        write_log_out(settings.log);
        ::_exit(0);
    }
    if (node_names) {
        node_names->stop();
    }
}

Application::Application(config::LoadRequest request, config::Loaded loaded, const Clock& clock)
    : state_(std::make_unique<State>(std::move(request), std::move(loaded), clock)) {}

Application::~Application() = default;

int Application::run(std::ostream& out) {
    State& state = *state_;
    std::signal(SIGPIPE, SIG_IGN);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        state.signals.add(number);
    }
    state.wait_for_signal();

    const auto started = state.start(out);
    if (!started) {
        log::write(log::Level::fatal, started.error());
        write_log_out(state.settings.log);
        return 1;
    }
    if (state.serving) {
        release_unused_memory();  // what only the start has needed
        state.control.run();
        state.finish();
    } else {
        state.give_up_start();
    }
    log::info("stopped");
    write_log_out(state.settings.log);
    return 0;
}

}  // namespace arngate
