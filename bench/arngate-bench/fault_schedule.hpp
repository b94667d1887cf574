#pragma once

#include "bench/arngate-bench/pacer.hpp"
#include "tests/support/fake_sts/fault_plan.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::bench {

/// "10s", "250ms", "1.5s", "2m". Fails with a text for the user.
[[nodiscard]] std::expected<Nanos, std::string> parse_duration(std::string_view text);

/// One stretch of a run in which STS misbehaves.
struct FaultSpan {
    Nanos begin = 0;  ///< from the beginning of the measurement
    Nanos length = 0;
    std::string description;  ///< as the user wrote it, without the times
    /// Either a rule, or a latency instead of the usual one.
    std::optional<fake_sts::FaultRule::Options> rule;
    std::optional<fake_sts::Latency> latency;
};

/// "START:WHAT:LENGTH", WHAT being "KIND=PERCENT%" (100, 50, 25, 20, 10, 5, 4, 2 or 1), "KIND>RATE/s" (only requests
/// beyond the rate) or "latency=DURATION". Fails with a text for the user.
[[nodiscard]] std::expected<FaultSpan, std::string> parse_fault_span(std::string_view text);

/// What STS does in the course of a run. Pure.
class FaultSchedule {
public:
    FaultSchedule() = default;
    FaultSchedule(const fake_sts::Latency& usual, std::vector<FaultSpan> spans);

    /// A fresh plan for this moment of the run: the rules of the spans that it lies in, in their order.
    [[nodiscard]] std::shared_ptr<const fake_sts::FaultPlan> plan_at(Nanos moment) const;
    /// The first moment after this one at which the plan changes.
    [[nodiscard]] std::optional<Nanos> next_change(Nanos moment) const;
    [[nodiscard]] const std::vector<FaultSpan>& spans() const noexcept { return spans_; }

private:
    fake_sts::Latency usual_;
    std::vector<FaultSpan> spans_;
};

}  // namespace arngate::bench
