#include "config/mounted_file.hpp"
#include "config/sources/file_source.hpp"
#include "core/base/log.hpp"
#include "core/base/version.hpp"
#include "core/net/endpoint.hpp"
#include "daemon/application_state.hpp"
#include "daemon/core_options.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/front_options.hpp"
#include "daemon/mapping_log.hpp"
#include "daemon/own_region.hpp"
#include "daemon/webhook_files.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

namespace arngate {

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
    expect_name_questions();
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
        [this](boost::asio::any_io_executor executor, MappingService::Reloaded reloaded) {
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

}  // namespace arngate
