#pragma once

#include "tests/support/fake_sts/fault_plan.hpp"
#include "tests/support/fake_sts/stats.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <random>

namespace arngate::fake_sts {

/// Keeps answers back for as long as their plan says. One loop.
class AnswerDelay {
public:
    AnswerDelay(boost::asio::io_context& context, Stats& stats) : context_(context), stats_(stats) {}

    [[nodiscard]] static bool is_needed(const FaultPlan& plan) noexcept {
        return plan.hold || plan.latency.kind != Latency::Kind::none;
    }
    /// The latency of the plan; where it holds answers, also until there is a plan that does not.
    [[nodiscard]] boost::asio::awaitable<void> wait(std::shared_ptr<const FaultPlan> plan, FaultSwitch* faults);

private:
    boost::asio::io_context& context_;
    Stats& stats_;
    std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace arngate::fake_sts
