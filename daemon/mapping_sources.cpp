#include "daemon/mapping_sources.hpp"

#include "config/mounted_file.hpp"
#include "config/sources/backend_mode_file.hpp"
#include "config/sources/break_glass_file.hpp"
#include "config/sources/config_map_source.hpp"
#include "config/sources/crd_source.hpp"
#include "config/sources/dynamic_file_source.hpp"
#include "config/sources/file_source.hpp"
#include "config/sources/kube_source.hpp"
#include "config/sources/mounted_file_source.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "daemon/core_options.hpp"

#include <fmt/format.h>

#include <utility>

namespace arngate {

namespace {

bool sso_roles_match(const config::Settings& settings) {
    const auto gate = settings.feature_gates.find("SSORoleMatch");
    return gate != settings.feature_gates.end() && gate->second;
}

MappingKeeper::Reloaded reloaded_settings(const config::Settings& settings) {
    return {table_options(settings), settings.server.reserved_prefixes};
}

config::KubeSourceOptions kube_options(
    const MappingSourceOptions& options, const boost::asio::any_io_executor& executor, const std::string& name
) {
    const config::Settings& settings = options.settings;
    config::KubeSourceOptions kube;
    kube.executor = executor;
    kube.access = config::kube_access_source(settings.server.kubeconfig, settings.server.master);
    kube.metrics = options.pool_metrics;
    kube.clock = &options.clock;
    if (const auto reserved = settings.server.reserved_prefixes.find(name);
        reserved != settings.server.reserved_prefixes.end()) {
        kube.reserved_prefixes = reserved->second;
    }
    kube.sso_roles = sso_roles_match(settings);
    return kube;
}

/// Rules that an earlier process kept: how entries are found has to be the same today, and gates may be off by now.
std::optional<mapping::SourceRules> adapt(const config::Settings& settings, mapping::SourceRules rules) {
    const bool by_id = rules.match == mapping::MatchBy::user_id;
    if (by_id != (rules.source == "DynamicFile" && settings.server.dynamic_file_user_id_strict)) {
        return std::nullopt;
    }
    return config::effective_rules(std::move(rules), settings);
}

MappingSource make_source(
    const MappingSourceOptions& options,
    const boost::asio::any_io_executor& executor,
    const MappingService::Reloaded& reloaded,
    const std::string& name
) {
    const config::Settings& settings = options.settings;
    MappingSource made;
    if (name == "MountedFile") {
        config::MountedFileOptions file;
        file.request = options.request;
        file.running = options.running;
        file.told = options.warnings;
        file.watch = config::watch_options(settings);
        file.loaded = [reloaded](const config::Loaded& loaded) { reloaded(reloaded_settings(loaded.settings)); };
        made.source = config::make_mounted_file_source(executor, std::move(file));
        made.must_start = true;
        return made;
    }
    std::string document;
    if (name == "DynamicFile") {
        if (settings.server.dynamic_file_path.empty()) {
            return made;
        }
        document = settings.server.dynamic_file_path;
        made.source = config::make_dynamic_file_source(executor, settings, config::watch_options(settings));
    } else if (name == "EKSConfigMap") {
        config::KubeSourceOptions kube = kube_options(options, executor, name);
        kube.on_watch_failure = [&failures = options.config_map_watch_failures] { failures.add(); };
        made.source = config::make_config_map_source(std::move(kube));
    } else if (name == "CRD") {
        config::CrdSourceOptions crd;
        crd.kube = kube_options(options, executor, name);
        made.source = config::make_crd_source(std::move(crd));
    } else {
        return made;
    }
    made.place = fmt::format("{}/{}/{}", settings.cluster_id, name, document);
    made.adapt = [&settings](mapping::SourceRules rules) { return adapt(settings, std::move(rules)); };
    return made;
}

MappingSource make_break_glass(const config::Settings& settings, const boost::asio::any_io_executor& executor) {
    MappingSource made;
    const std::string& path = settings.mapping.break_glass_file;
    if (path.empty()) {
        return made;
    }
    config::FileSourceOptions file;
    file.name = config::break_glass_source;
    file.path = path;
    file.ending = text::to_lower(path).ends_with(".json") ? watch::Ending::of_format : watch::Ending::line_break;
    file.absence = config::FileSourceOptions::Absence::unreadable;
    file.watch = config::watch_options(settings);
    file.read = [&settings, path](std::string_view text) { return config::read_break_glass(path, text, settings); };
    made.source = std::make_unique<config::FileSource>(executor, std::move(file));
    made.must_start = true;
    return made;
}

/// Hands each list of the file over; without the file the list of the configuration holds.
std::shared_ptr<void> watch_modes(
    const config::Settings& settings,
    const boost::asio::any_io_executor& executor,
    std::function<void(MappingSources::Modes)> take
) {
    auto file = std::make_shared<config::BackendModeFile>(
        executor, settings.server.dynamic_backend_mode_path, config::watch_options(settings)
    );
    file->start([&settings, take = std::move(take)](auto report) {
        if (!report) {
            for (const config::Problem& problem : report.error()) {
                log::error(problem.text());
            }
            log::error("the file of backends cannot be used, those in use stay");
            return;
        }
        if (*report) {
            take({std::move((**report).modes), std::move((**report).last_updated)});
        } else {
            take({settings.server.backend_mode});
        }
    });
    return file;
}

}  // namespace

MappingSources make_mapping_sources(
    const MappingSourceOptions& options, const boost::asio::any_io_executor& executor, MappingService::Reloaded reloaded
) {
    MappingSources sources;
    sources.factory = [options, executor, reloaded = std::move(reloaded)](std::string_view name) {
        return make_source(options, executor, reloaded, std::string(name));
    };
    sources.last = make_break_glass(options.settings, executor);
    if (!options.settings.server.dynamic_backend_mode_path.empty()) {
        sources.watch_modes = [&settings = options.settings, executor](auto take) {
            return watch_modes(settings, executor, std::move(take));
        };
    }
    return sources;
}

MappingKeeper::Options mapping_keeper_options(const config::Settings& settings) {
    MappingKeeper::Options options;
    options.settings = reloaded_settings(settings);
    options.grace = settings.mapping.grace_period;
    options.scrubbed_accounts = settings.server.scrubbed_accounts;
    return options;
}

}  // namespace arngate
