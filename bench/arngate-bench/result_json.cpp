#include "bench/arngate-bench/result.hpp"

#include "core/base/json_text.hpp"
#include "core/base/version.hpp"

#include <fmt/format.h>

#include <iterator>

namespace arngate::bench {
namespace {

// Members of an object, or elements of an array, with a comma between.
template <class Range, class Write>
std::string joined(const Range& range, Write write) {
    std::string out;
    for (const auto& element : range) {
        if (!out.empty()) {
            out += ",\n    ";
        }
        out += write(element);
    }
    return out;
}

std::string counts_json(const Counts& counts) {
    return fmt::format(
        R"({{"granted": {}, "refused": {}, "throttled": {}, "unavailable": {}, "other": {}, "timed_out": {}, )"
        R"("disconnected": {}, "abandoned": {}, "wrong": {}}})",
        counts.granted,
        counts.refused,
        counts.throttled,
        counts.unavailable,
        counts.other,
        counts.timed_out,
        counts.disconnected,
        counts.abandoned,
        counts.wrong
    );
}

}  // namespace

std::string as_json(const Result& result) {
    std::string out;
    auto to = std::back_inserter(out);
    fmt::format_to(
        to, "{{\n  \"format\": 1,\n  \"generator\": {},\n", json_string(fmt::format("arngate-bench {}", version()))
    );
    fmt::format_to(
        to, "  \"started_at\": {},\n  \"seconds\": {:.6f},\n", json_string(result.started_at), result.seconds
    );
    fmt::format_to(to, "  \"ran_out\": {},\n  \"was_stopped\": {},\n", result.ran_out, result.was_stopped);
    fmt::format_to(to, "  \"setup\": {{\n    {}\n  }},\n", joined(result.setup, [](const auto& pair) {
                       return fmt::format("{}: {}", json_string(pair.first), json_string(pair.second));
                   }));
    fmt::format_to(to, "  \"metrics\": {{\n    {}\n  }},\n", joined(metrics_of(result), [](const Metric& metric) {
                       return fmt::format("{}: {:.9g}", json_string(metric.name), metric.value);
                   }));
    fmt::format_to(to, "  \"counts\": {},\n  \"handshakes\": {},\n", counts_json(result.counts), result.handshakes);
    if (result.intended_rate) {
        fmt::format_to(to, "  \"intended_per_second\": {:.9g},\n", *result.intended_rate);
    }
    if (result.sts_requests) {
        fmt::format_to(to, "  \"sts_requests\": {},\n", *result.sts_requests);
    }
    fmt::format_to(
        to,
        "  \"generator_load\": {{\"cpu_seconds\": {:.3f}, \"send_delay_p99_ms\": {:.6f}, \"send_delay_max_ms\": "
        "{:.6f}}},\n",
        result.generator_cpu_seconds,
        static_cast<double>(result.send_delay.percentile(99)) / 1e6,
        static_cast<double>(result.send_delay.max()) / 1e6
    );
    fmt::format_to(to, "  \"faults\": [{}],\n", joined(result.faults, [](const MarkedSpan& span) {
                       return fmt::format(
                           R"({{"begin": {:.3f}, "end": {:.3f}, "what": {}}})",
                           span.begin,
                           span.end,
                           json_string(span.description)
                       );
                   }));
    fmt::format_to(
        to,
        "  \"timeline\": [\n    {}\n  ],\n",
        joined(
            result.timeline,
            [](const TimelinePoint& point) {
                return fmt::format(
                    R"({{"second": {:.3f}, "per_second": {:.3f}, "failed_per_second": {:.3f}, "p50_ms": {:.6f}, "p99_ms": {:.6f}, "p999_ms": {:.6f}}})",
                    point.second,
                    point.per_second,
                    point.failed_per_second,
                    point.p50_ms,
                    point.p99_ms,
                    point.p999_ms
                );
            }
        )
    );
    fmt::format_to(
        to,
        "  \"latency_histogram_ns\": [\n    {}\n  ]\n}}\n",
        joined(
            result.latency.buckets(),
            [](const Histogram::Bucket& bucket) {
                return fmt::format("[{}, {}, {}]", bucket.low, bucket.high, bucket.count);
            }
        )
    );
    return out;
}

}  // namespace arngate::bench
