#include "daemon/pages/review_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace arngate::pages {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ReviewMetrics, TellsMicrosecondsOfTheCacheFromMilliseconds) {
    MetricsRegistry registry;
    ReviewMetrics metrics(registry);
    metrics.observe(Reason::none, auth::ProvenBy::cache, 60e-6);
    metrics.observe(Reason::none, auth::ProvenBy::cache, 2e-3);

    const std::string text = registry.text();
    EXPECT_THAT(text, HasSubstr(R"(arngate_review_seconds_bucket{source="cache",le="5e-05"} 0)"));
    EXPECT_THAT(text, HasSubstr(R"(arngate_review_seconds_bucket{source="cache",le="0.0001"} 1)"));
    EXPECT_THAT(text, HasSubstr(R"(arngate_review_seconds_bucket{source="cache",le="0.001"} 1)"));
    EXPECT_THAT(text, HasSubstr(R"(arngate_review_seconds_bucket{source="cache",le="0.0025"} 2)"));
}

TEST(ReviewMetrics, KeepsTheBucketsOfTheGoServerForItsOwnHistogram) {
    MetricsRegistry registry;
    ReviewMetrics metrics(registry);
    metrics.observe(Reason::none, auth::ProvenBy::cache, 60e-6);

    const std::string text = registry.text();
    EXPECT_THAT(
        text, HasSubstr(R"(aws_iam_authenticator_authenticate_latency_seconds_bucket{result="success",le="0.005"} 1)")
    );
    EXPECT_THAT(
        text,
        Not(HasSubstr(R"(aws_iam_authenticator_authenticate_latency_seconds_bucket{result="success",le="0.0001"})"))
    );
}

}  // namespace
}  // namespace arngate::pages
