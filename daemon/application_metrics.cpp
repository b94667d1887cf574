#include "daemon/application_metrics.hpp"

#include "core/base/log.hpp"
#include "core/base/version.hpp"

#include <prometheus/metric_type.h>

#include <chrono>
#include <string>

namespace arngate {

namespace {

double unix_seconds(WallTime time) {
    // A double holds whole milliseconds of a date exactly, nanoseconds not.
    return std::chrono::duration<double>(std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()))
        .count();
}

}  // namespace

ApplicationMetrics::ApplicationMetrics(MetricsRegistry& registry)
    : reloads_done(
          registry.counter("arngate_reload_total", "Reloads of the mapping by result.", {{"result", "success"}})
      ),
      reloads_failed(
          registry.counter("arngate_reload_total", "Reloads of the mapping by result.", {{"result", "failure"}})
      ),
      config_map_watch_failures(
          registry.counter("aws_iam_authenticator_configmap_watch_failures_total", "EKS Configmap watch failures")
      ),
      mapping_entries_(registry.gauge("arngate_mapping_entries", "Roles, users and accounts in the mapping.")),
      mapping_generation_(registry.gauge("arngate_mapping_generation", "Number of the mapping in use, from 1.")),
      mapping_last_success_(registry.gauge(
          "arngate_mapping_last_success_timestamp_seconds", "When the mapping in use was read, in Unix time."
      )),
      certificate_expiry_(registry.gauge(
          "arngate_certificate_expiry_timestamp_seconds", "When the certificate of the webhook ends, in Unix time."
      )) {
    registry
        .gauge(
            "arngate_build_info",
            "Always 1; the labels say what runs.",
            {{"version", std::string(version())}, {"commit", std::string(commit())}}
        )
        .set(1);
    register_process_metrics(registry);
    registry.callback(
        "arngate_log_dropped_lines_total",
        "Log lines that were dropped because standard error was too slow.",
        prometheus::MetricType::Counter,
        [] { return static_cast<double>(log::dropped()); }
    );
    static_cast<void>(registry.counter("aws_iam_authenticator_dynamicfile_failures_total", "Dynamic file failures"));
    static_cast<void>(registry.gauge("aws_iam_authenticator_dynamic_file_enabled", "Dynamic file is enabled"));
    static_cast<void>(registry.gauge("aws_iam_authenticator_dynamic_file_only", "Dynamic file is the only backend"));
}

void ApplicationMetrics::mapping_loaded(const mapping::Table& table, WallTime when) noexcept {
    mapping_entries_.set(static_cast<double>(table.entries()));
    mapping_generation_.set(static_cast<double>(table.generation()));
    mapping_last_success_.set(unix_seconds(when));
}

void ApplicationMetrics::certificate_loaded(WallTime not_after) noexcept {
    certificate_expiry_.set(unix_seconds(not_after));
}

}  // namespace arngate
