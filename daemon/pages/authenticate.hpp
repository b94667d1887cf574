#pragma once

#include "core/auth/authenticator.hpp"
#include "core/base/clock.hpp"
#include "core/base/metrics.hpp"
#include "core/mapping/table.hpp"
#include "core/review/decode.hpp"
#include "core/review/encode.hpp"
#include "daemon/http/exchange.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::pages {

/// The instruments of reviews, shared by all loops. Thread-safe.
class ReviewMetrics {
public:
    explicit ReviewMetrics(MetricsRegistry& registry);

    void observe(Reason reason, auth::ProvenBy proven_by, double seconds) noexcept;

private:
    std::vector<Histogram*> latency_;        ///< by reason: aws_iam_authenticator_authenticate_latency_seconds{result}
    std::vector<Counter*> reviews_;          ///< by reason: arngate_reviews_total{result,reason}
    std::array<Histogram*, 3> by_source_{};  ///< by ProvenBy: arngate_review_seconds{source}
};

struct AuthenticateOptions {
    review::Strictness strictness = review::Strictness::strict;
    review::AnswerStyle style;
    std::vector<std::string> scrubbed_accounts;  ///< whose ARNs stay out of logs and answers
};

/// POST /authenticate: decodes a TokenReview, has its token proven, maps the identity and answers. One a loop.
/// Each review is decided by the table that was set when the request came, whatever is set while it waits for STS.
class AuthenticatePage final : public http::Handler {
public:
    /// `authenticator` (of the same loop) and `clock` must outlive the page.
    AuthenticatePage(
        AuthenticateOptions options,
        auth::Authenticator& authenticator,
        const Clock& clock,
        std::shared_ptr<const mapping::Table> table,
        std::shared_ptr<ReviewMetrics> metrics
    );
    ~AuthenticatePage() override;

    bool handle(const http::Request& request, http::Response& response, const std::function<http::Completion()>& defer)
        override;

    /// For reviews to come.
    void set_table(std::shared_ptr<const mapping::Table> table);

private:
    struct State;
    std::shared_ptr<State> state_;  ///< shared with reviews that wait
};

}  // namespace arngate::pages
