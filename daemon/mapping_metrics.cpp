#include "daemon/mapping_metrics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <utility>

namespace arngate {

namespace {

using config::SourceStatus;

constexpr std::array statuses{
    SourceStatus::starting,
    SourceStatus::restored,
    SourceStatus::synced,
    SourceStatus::stale,
    SourceStatus::failed,
    SourceStatus::grace,
    SourceStatus::missing,
};

/// In seconds, as the Go server has them.
constexpr std::array<double, 8> delay_bounds{1, 3, 5, 10, 15, 20, 30, 60};

}  // namespace

MappingMetrics::MappingMetrics(MetricsRegistry& registry)
    : registry_(registry),
      dynamic_file_failures_(
          registry.counter("aws_iam_authenticator_dynamicfile_failures_total", "Dynamic file failures")
      ),
      dynamic_file_enabled_(registry.gauge("aws_iam_authenticator_dynamic_file_enabled", "Dynamic file is enabled")),
      dynamic_file_only_(registry.gauge("aws_iam_authenticator_dynamic_file_only", "Dynamic file is the only backend")
      ) {}

MappingMetrics::Source& MappingMetrics::of(std::string_view source) {
    if (const auto found = sources_.find(source); found != sources_.end()) {
        return found->second;
    }
    const std::string name(source);
    const MetricLabels labels{{"source", name}};
    Source made{
        .status = {},
        .entries = &registry_.gauge(
            "arngate_mapping_source_entries", "Roles, users and accounts of the source that are in force.", labels
        ),
        .rejected = &registry_.gauge(
            "arngate_mapping_source_rejected_entries", "Entries that the last reading of the source left out.", labels
        ),
        .generation = &registry_.gauge(
            "arngate_mapping_source_generation", "How often the source's mapping in force has changed.", labels
        ),
        .last_success = &registry_.gauge(
            "arngate_mapping_source_last_success_timestamp_seconds",
            "When the source was last read without failing, in Unix time.",
            labels
        ),
        .readings = &registry_.counter(
            "arngate_mapping_source_readings_total",
            "Readings of the source by result.",
            {{"source", name}, {"result", "success"}}
        ),
        .failures = &registry_.counter(
            "arngate_mapping_source_readings_total",
            "Readings of the source by result.",
            {{"source", name}, {"result", "failure"}}
        ),
    };
    for (const SourceStatus status : statuses) {
        made.status.push_back(&registry_.gauge(
            "arngate_mapping_source_state",
            "1 for the state that the source is in.",
            {{"source", name}, {"state", std::string(name_of(status))}}
        ));
    }
    return sources_.emplace(name, std::move(made)).first->second;
}

void MappingMetrics::count_reading(std::string_view source, bool failed) {
    const Source& instruments = of(source);
    (failed ? instruments.failures : instruments.readings)->add();
    if (failed && source == "DynamicFile") {
        dynamic_file_failures_.add();
    }
}

void MappingMetrics::show(std::string_view source, const config::SourceState& state) {
    const Source& instruments = of(source);
    for (std::size_t i = 0; i < statuses.size(); ++i) {
        instruments.status[i]->set(statuses[i] == state.status() ? 1 : 0);
    }
    instruments.entries->set(static_cast<double>(state.entries()));
    instruments.rejected->set(static_cast<double>(state.rejected()));
    instruments.generation->set(static_cast<double>(state.generation()));
    if (const auto when = state.last_good()) {
        instruments.last_success->set(
            std::chrono::duration<double>(std::chrono::floor<std::chrono::milliseconds>(when->time_since_epoch()))
                .count()
        );
    }
}

void MappingMetrics::hide(std::string_view source) {
    const Source& instruments = of(source);
    for (Gauge* gauge : instruments.status) {
        gauge->set(0);
    }
    for (Gauge* gauge : {instruments.entries, instruments.rejected, instruments.generation, instruments.last_success}) {
        gauge->set(0);
    }
}

void MappingMetrics::count_delay(std::string_view type, std::string_view last_updated, WallTime now) {
    const auto [known, is_first] = last_updates_.try_emplace(std::string(type), last_updated);
    if (is_first || known->second == last_updated) {
        return;
    }
    known->second = last_updated;
    std::int64_t written = 0;
    const auto [end, error] = std::from_chars(last_updated.begin(), last_updated.end(), written);
    const double now_seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
    const double delay = now_seconds - static_cast<double>(written);
    if (error != std::errc() || end != last_updated.end() || delay < 0) {
        return;
    }
    registry_
        .histogram(
            "aws_iam_authenticator_dynamic_e2e_latency_seconds",
            "End to end latency in seconds partitioned by type.",
            delay_bounds,
            {{"type", std::string(type)}}
        )
        .observe(delay);
}

void MappingMetrics::show_modes(const std::vector<std::string>& modes) {
    const bool enabled = std::ranges::find(modes, "DynamicFile") != modes.end();
    dynamic_file_enabled_.set(enabled ? 1 : 0);
    dynamic_file_only_.set(enabled && modes.size() == 1 ? 1 : 0);
}

}  // namespace arngate
