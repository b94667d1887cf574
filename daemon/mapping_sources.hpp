#pragma once

#include "config/load.hpp"
#include "config/settings.hpp"
#include "core/base/clock.hpp"
#include "core/base/metrics.hpp"
#include "core/net/https_pool.hpp"
#include "daemon/mapping_service.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace arngate {

/// What sources of mappings are made from. References outlive the sources.
struct MappingSourceOptions {
    const config::Settings& settings;
    const Clock& clock;
    config::LoadRequest request;       ///< what the settings were read from
    config::EffectiveValues running;   ///< the values of the start
    const config::Problems& warnings;  ///< of the start, which are in the log
    std::shared_ptr<net::HttpsPoolMetrics> pool_metrics;
    Counter& config_map_watch_failures;  ///< tries to list or watch aws-auth that failed
};

/// The sources of the backends, the one for emergencies, and the file that changes the backends, as the settings have
/// them. `reloaded` takes what else acts at once when the configuration file has changed. The one place that knows all
/// kinds of sources.
[[nodiscard]] MappingSources make_mapping_sources(
    const MappingSourceOptions& options, const boost::asio::any_io_executor& executor, MappingService::Reloaded reloaded
);

/// What the keeper is made with.
[[nodiscard]] MappingKeeper::Options mapping_keeper_options(const config::Settings& settings);

}  // namespace arngate
