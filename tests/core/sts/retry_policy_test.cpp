#include "core/sts/retry_policy.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <set>

namespace arngate::sts {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr nanoseconds plenty = std::chrono::hours(1);
constexpr double middle = 0.5;

TEST(RetryPolicy, OnlyWhatMayPassIsTriedAgain) {
    const std::set<Reason> passing{Reason::sts_throttled, Reason::sts_unavailable, Reason::sts_unreachable};
    for (const ReasonInfo& row : all_reasons()) {
        EXPECT_EQ(is_worth_retrying(row.reason), passing.contains(row.reason)) << row.label;
        EXPECT_EQ(pause_before_retry({}, 1, row.reason, plenty, middle).has_value(), passing.contains(row.reason))
            << row.label;
    }
}

TEST(RetryPolicy, AttemptsAreBounded) {
    const RetryOptions three{.max_attempts = 3};
    EXPECT_TRUE(pause_before_retry(three, 2, Reason::sts_throttled, plenty, middle));
    EXPECT_FALSE(pause_before_retry(three, 3, Reason::sts_throttled, plenty, middle));
    EXPECT_FALSE(pause_before_retry(three, 4, Reason::sts_throttled, plenty, middle));
    for (const unsigned few : {0U, 1U}) {
        EXPECT_FALSE(pause_before_retry({.max_attempts = few}, 1, Reason::sts_throttled, plenty, middle));
    }
}

TEST(RetryPolicy, PausesGrow) {
    const RetryOptions options{.max_attempts = 9, .first_pause = milliseconds(100), .factor = 2.0, .jitter = 0.5};
    struct Case {
        unsigned attempt;
        double draw;
        milliseconds pause;
    };
    for (const Case& c : {
             Case{1, 0.0, milliseconds(50)},
             Case{1, 0.5, milliseconds(100)},
             Case{1, 0.75, milliseconds(125)},
             Case{2, 0.0, milliseconds(100)},
             Case{2, 0.5, milliseconds(200)},
             Case{3, 0.5, milliseconds(400)},
         }) {
        EXPECT_EQ(pause_before_retry(options, c.attempt, Reason::sts_unavailable, plenty, c.draw), c.pause)
            << c.attempt << ' ' << c.draw;
    }
}

TEST(RetryPolicy, AnAttemptNeedsTimeAfterThePause) {
    const RetryOptions options{.first_pause = milliseconds(100), .jitter = 0.0};
    const auto after = [&options](nanoseconds remaining) {
        return pause_before_retry(options, 1, Reason::sts_unreachable, remaining, middle);
    };
    EXPECT_TRUE(after(milliseconds(100) + nanoseconds(1)));
    EXPECT_FALSE(after(milliseconds(100)));
    EXPECT_FALSE(after(nanoseconds(0)));
}

TEST(RetryPolicy, AWaitForATurnLeavesTimeForTheCall) {
    using namespace std::chrono_literals;
    EXPECT_EQ(patience_for_turn(20s, 5s), 19s);
    EXPECT_EQ(patience_for_turn(2s, 5s), 1500ms) << "of little time most is for the wait";
    EXPECT_EQ(patience_for_turn(2s, 0s), 2s);
    EXPECT_EQ(patience_for_turn(0s, 5s), 0s);
}

TEST(RetryPolicy, WithstandsAnyOptions) {
    const double huge = std::numeric_limits<double>::max();
    EXPECT_FALSE(pause_before_retry({.max_attempts = 99, .factor = huge}, 50, Reason::sts_throttled, plenty, middle));
    EXPECT_EQ(
        pause_before_retry({.factor = 0.0, .jitter = 9.0}, 1, Reason::sts_throttled, plenty, 0.0), nanoseconds(0)
    );
    EXPECT_EQ(
        pause_before_retry({.first_pause = milliseconds(0)}, 1, Reason::sts_throttled, plenty, 0.9), nanoseconds(0)
    );
    EXPECT_EQ(
        pause_before_retry({.first_pause = milliseconds(-5)}, 1, Reason::sts_throttled, plenty, 0.9), nanoseconds(0)
    );
}

}  // namespace
}  // namespace arngate::sts
