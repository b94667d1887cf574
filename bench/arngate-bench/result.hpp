#pragma once

#include "bench/arngate-bench/histogram.hpp"
#include "bench/arngate-bench/recorder.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::bench {

/// One point of the curves over time.
struct TimelinePoint {
    double second = 0;      ///< end of the window, from the beginning of the measurement
    double per_second = 0;  ///< answers
    double failed_per_second = 0;
    double p50_ms = 0;  ///< of what ended in the window; 0 with nothing
    double p99_ms = 0;
    double p999_ms = 0;
};

struct ServerUsage {
    double cpu_seconds = 0;  ///< within the measurement
    std::uint64_t rss_bytes = 0;
    std::uint64_t max_rss_bytes = 0;
};

/// A stretch in which STS was told to misbehave, in seconds.
struct MarkedSpan {
    double begin = 0;
    double end = 0;
    std::string description;
};

/// All that a run found out.
struct Result {
    std::string started_at;  ///< RFC 3339, UTC
    /// What the run was asked to do, in the words of the options; no secrets.
    std::vector<std::pair<std::string, std::string>> setup;
    double seconds = 0;                   ///< of the measurement, with the time that the last answers took
    std::optional<double> intended_rate;  ///< open loop: arrivals a second
    Counts counts;
    Histogram latency;
    Histogram send_delay;
    std::vector<TimelinePoint> timeline;
    std::vector<MarkedSpan> faults;
    std::uint64_t handshakes = 0;
    double generator_cpu_seconds = 0;
    std::optional<ServerUsage> server;
    std::optional<std::uint64_t> sts_requests;
    bool ran_out = false;      ///< of tokens that were to be used once
    bool was_stopped = false;  ///< by a signal
};

/// How many reviews ended in one way, for people.
struct NamedCount {
    std::string_view name;
    std::uint64_t count = 0;
};

/// Every way, in a fixed order.
[[nodiscard]] std::vector<NamedCount> named_counts(const Counts& counts);

/// One number that results are compared by.
struct Metric {
    std::string_view name;   ///< of the member in JSON
    std::string_view label;  ///< for people
    std::string_view unit;
    double value = 0;
};

/// In a fixed order; server metrics only where there are any.
[[nodiscard]] std::vector<Metric> metrics_of(const Result& result);

/// Whether more of it is better.
[[nodiscard]] bool is_better_when_higher(std::string_view metric) noexcept;

/// For a terminal.
[[nodiscard]] std::string as_text(const Result& result);
/// docs/benchmarking.md describes the members.
[[nodiscard]] std::string as_json(const Result& result);
/// One page that needs nothing else: no scripts, no fonts, no network.
[[nodiscard]] std::string as_html(const Result& result);

}  // namespace arngate::bench
