#pragma once

#include "core/auth/authenticator.hpp"
#include "core/base/metrics.hpp"
#include "core/base/reason.hpp"

#include <array>
#include <vector>

namespace arngate::pages {

/// The instruments of reviews, shared by all loops. Thread-safe.
class ReviewMetrics {
public:
    explicit ReviewMetrics(MetricsRegistry& registry);

    void observe(Reason reason, auth::ProvenBy proven_by, double seconds) noexcept;
    /// A review that the break-glass file let in.
    void count_break_glass() noexcept { break_glass_.add(); }

private:
    Counter& break_glass_;
    std::vector<Histogram*> latency_;        ///< by reason: aws_iam_authenticator_authenticate_latency_seconds{result}
    std::vector<Counter*> reviews_;          ///< by reason: arngate_reviews_total{result,reason}
    std::array<Histogram*, 4> by_source_{};  ///< by ProvenBy: arngate_review_seconds{source}
};

}  // namespace arngate::pages
