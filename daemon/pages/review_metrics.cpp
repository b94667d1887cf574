#include "daemon/pages/review_metrics.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace arngate::pages {
namespace {

// In the order of ProvenBy.
constexpr std::array<std::string_view, 4> sources{"none", "cache", "sts", "stale"};

// The buckets of the Go server begin at 5 ms, where reviews from the cache, which take microseconds, look all alike.
constexpr auto review_buckets = std::to_array<double>(
    {0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}
);

}  // namespace

ReviewMetrics::ReviewMetrics(MetricsRegistry& registry)
    : break_glass_(
          registry.counter("arngate_break_glass_reviews_total", "Reviews that an entry of the break-glass file let in.")
      ) {
    for (const ReasonInfo& row : all_reasons()) {
        // Reasons that the Go server does not tell apart share one histogram.
        latency_.push_back(&registry.histogram(
            "aws_iam_authenticator_authenticate_latency_seconds",
            "Authenticate call latency",
            latency_buckets(),
            {{"result", std::string(row.peer_result)}}
        ));
        reviews_.push_back(&registry.counter(
            "arngate_reviews_total",
            "Reviews answered, by outcome.",
            {{"result", row.reason == Reason::none ? "granted" : "refused"}, {"reason", std::string(row.label)}}
        ));
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
        by_source_[i] = &registry.histogram(
            "arngate_review_seconds",
            "Time from a complete request to its written answer, by what proved the identity.",
            review_buckets,
            {{"source", std::string(sources[i])}}
        );
    }
}

void ReviewMetrics::observe(Reason reason, auth::ProvenBy proven_by, double seconds) noexcept {
    const auto row = static_cast<std::size_t>(reason);
    latency_[row]->observe(seconds);
    reviews_[row]->add();
    by_source_[static_cast<std::size_t>(proven_by)]->observe(seconds);
}

}  // namespace arngate::pages
