#include "bench/arngate-bench/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace arngate::bench {
namespace {

double milliseconds(std::uint64_t nanoseconds) {
    return static_cast<double>(nanoseconds) / 1e6;
}

std::string describe_counts(const Counts& counts) {
    std::string text;
    for (const auto& [name, count] : named_counts(counts)) {
        if (count > 0) {
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
        }
    }
    return text.empty() ? "nothing" : text;
}

}  // namespace

std::vector<NamedCount> named_counts(const Counts& counts) {
    return {
        {"granted", counts.granted},
        {"refused", counts.refused},
        {"throttled (429)", counts.throttled},
        {"unavailable (503)", counts.unavailable},
        {"other answers", counts.other},
        {"timed out", counts.timed_out},
        {"disconnected", counts.disconnected},
        {"abandoned (due, never sent)", counts.abandoned},
        {"wrong verdicts (among the answers)", counts.wrong},
    };
}

std::vector<Metric> metrics_of(const Result& result) {
    const auto answered = static_cast<double>(result.counts.answered());
    const auto all = static_cast<double>(std::max<std::uint64_t>(result.counts.all(), 1));
    const auto percentile = [&](double percent) { return milliseconds(result.latency.percentile(percent)); };
    std::vector<Metric> metrics{
        {.name = "throughput_per_second",
         .label = "throughput",
         .unit = "/s",
         .value = result.seconds > 0 ? answered / result.seconds : 0},
        {.name = "failed_share",
         .label = "failed",
         .unit = "of all",
         .value = static_cast<double>(result.counts.failed()) / all},
        {.name = "latency_mean_ms", .label = "latency mean", .unit = "ms", .value = result.latency.mean() / 1e6},
        {.name = "latency_p50_ms", .label = "latency p50", .unit = "ms", .value = percentile(50)},
        {.name = "latency_p90_ms", .label = "latency p90", .unit = "ms", .value = percentile(90)},
        {.name = "latency_p99_ms", .label = "latency p99", .unit = "ms", .value = percentile(99)},
        {.name = "latency_p999_ms", .label = "latency p99.9", .unit = "ms", .value = percentile(99.9)},
        {.name = "latency_max_ms", .label = "latency max", .unit = "ms", .value = milliseconds(result.latency.max())},
    };
    if (result.server) {
        if (answered > 0) {
            metrics.push_back(
                {.name = "server_cpu_seconds_per_1000",
                 .label = "server CPU",
                 .unit = "s per 1,000 answers",
                 .value = result.server->cpu_seconds * 1000 / answered}
            );
        }
        metrics.push_back(
            {.name = "server_max_rss_mib",
             .label = "server memory",
             .unit = "MiB at most",
             .value = static_cast<double>(result.server->max_rss_bytes) / 1048576.0}
        );
    }
    return metrics;
}

bool is_better_when_higher(std::string_view metric) noexcept {
    return metric == "throughput_per_second";
}

std::string as_text(const Result& result) {
    std::string text = fmt::format(
        "{} reviews in {:.2f} s: {}\n", result.counts.all(), result.seconds, describe_counts(result.counts)
    );
    auto out = std::back_inserter(text);
    if (result.intended_rate) {
        fmt::format_to(out, "  {:<16}{:>12.1f} /s\n", "intended rate", *result.intended_rate);
    }
    for (const Metric& metric : metrics_of(result)) {
        if (metric.name == "failed_share") {
            fmt::format_to(out, "  {:<16}{:>12.3f} %\n", metric.label, metric.value * 100);
        } else {
            fmt::format_to(
                out, "  {:<16}{:>12.{}f} {}\n", metric.label, metric.value, metric.value < 1 ? 4 : 2, metric.unit
            );
        }
    }
    fmt::format_to(out, "  {:<16}{:>12} (TLS handshakes of this run)\n", "connections", result.handshakes);
    if (result.sts_requests) {
        fmt::format_to(out, "  {:<16}{:>12}\n", "STS calls", *result.sts_requests);
    }
    fmt::format_to(
        out,
        "  {:<16}{:>12.2f} s CPU, requests left p99 {:.3f} ms after they were due\n",
        "generator",
        result.generator_cpu_seconds,
        milliseconds(result.send_delay.percentile(99))
    );
    if (result.ran_out) {
        text += "  The tokens ran out before the time: give more with --tokens.\n";
    }
    if (result.was_stopped) {
        text += "  Stopped before its time.\n";
    }
    return text;
}

}  // namespace arngate::bench
