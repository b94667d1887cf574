#include "tests/support/fake_sts/answer_delay.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace arngate::fake_sts {

namespace asio = boost::asio;

namespace {

constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable);
constexpr auto hold_poll = std::chrono::milliseconds(2);

}  // namespace

asio::awaitable<void> AnswerDelay::wait(std::shared_ptr<const FaultPlan> plan, FaultSwitch* faults) {
    const std::chrono::microseconds latency = plan->latency.draw(random_);
    if (latency.count() > 0) {
        asio::steady_timer timer(context_, latency);
        co_await timer.async_wait(tuple_awaitable);
    }
    if (!plan->hold) {
        co_return;
    }
    ++stats_.held;
    asio::steady_timer timer(context_);
    while (faults->current()->hold) {
        timer.expires_after(hold_poll);
        co_await timer.async_wait(tuple_awaitable);
    }
    --stats_.held;
}

}  // namespace arngate::fake_sts
