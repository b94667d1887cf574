#pragma once

#include "config/settings.hpp"
#include "core/base/clock.hpp"
#include "core/base/metrics.hpp"
#include "core/mapping/table.hpp"

namespace arngate {

/// What the process tells of itself, beside what its parts count.
class ApplicationMetrics {
public:
    /// Registers everything, those of the Go server's series that this process cannot move too: dashboards expect them
    /// to be there from the start.
    explicit ApplicationMetrics(MetricsRegistry& registry);

    void mapping_loaded(const mapping::Table& table, WallTime when) noexcept;
    void certificate_loaded(WallTime not_after) noexcept;

    Counter& reloads_done;    ///< arngate_reload_total{result="success"}
    Counter& reloads_failed;  ///< arngate_reload_total{result="failure"}
    /// Tries to list or watch the ConfigMap that failed, as the Go server names them.
    Counter& config_map_watch_failures;

private:
    Gauge& mapping_entries_;
    Gauge& mapping_generation_;
    Gauge& mapping_last_success_;
    Gauge& certificate_expiry_;
};

}  // namespace arngate
