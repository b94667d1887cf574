#include "core/sts/governor.hpp"

#include "core/base/random.hpp"
#include "core/sts/governor_state.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <mutex>
#include <utility>

namespace arngate::sts {

namespace asio = boost::asio;

namespace {

using Clock = std::chrono::steady_clock;

CallOutcome outcome_of(const Result<void>& ended, bool was_cut_short) {
    if (ended) {
        return CallOutcome::proven;
    }
    switch (ended.error().reason) {
        case Reason::sts_denied:
        case Reason::sts_bad_answer:
            return CallOutcome::refused;
        case Reason::sts_throttled:
            return CallOutcome::throttled;
        case Reason::sts_unavailable:
            return CallOutcome::failed;
        case Reason::sts_unreachable:
            return was_cut_short ? CallOutcome::unknown : CallOutcome::failed;
        default:
            return CallOutcome::unknown;
    }
}

}  // namespace

/// Stands in a queue while its coroutine waits, and leaves it however that ends.
class Governor::Queued {
public:
    Queued(
        std::shared_ptr<Governor> governor,
        const asio::any_io_executor& executor,
        const aws::StsHost& host,
        const ClaimedCredentials& claimed,
        CallQueue::Place place
    )
        : governor_(std::move(governor)) {
        State& state = *governor_->state_;
        State::Aftermath after;
        Endpoint* endpoint = nullptr;
        {
            const std::lock_guard lock(state.mutex);
            endpoint = &state.endpoint_of(host);
            const SteadyTime now = Clock::now();
            const CallQueue::Ticket ticket = ++state.last_ticket;
            asked_ = endpoint->queue.ask(ticket, source_of(claimed, state.seed), place, now);
            last_failure_ = endpoint->last_failure;
            if (asked_ == CallQueue::Asked::waits) {
                wait_ = std::make_shared<Wait>(executor, *endpoint, ticket);
            }
            after = state.settle(*endpoint, now, wait_.get());
            if (wait_ != nullptr && wait_->status == Wait::Status::waits) {
                endpoint->waits.emplace(ticket, wait_);
            }
        }
        State::carry_out(governor_, *endpoint, executor, std::move(after));
    }
    Queued(const Queued&) = delete;
    Queued& operator=(const Queued&) = delete;
    ~Queued() {
        if (wait_ != nullptr) {
            wait_->timer.reset();
            governor_->state_->abandon(*wait_);
        }
    }

    [[nodiscard]] bool must_wait() const {
        if (wait_ == nullptr) {
            return false;
        }
        const std::lock_guard lock(governor_->state_->mutex);
        return wait_->status == Wait::Status::waits;
    }
    /// What to wait on. On the loop of the call: who lets the call begin meanwhile cancels it later, by a post there.
    [[nodiscard]] asio::steady_timer& timer(Deadline deadline) {
        return wait_->timer.emplace(wait_->executor, deadline.at());
    }

    /// After the wait, if there was one.
    [[nodiscard]] Result<Permit> result() {
        State& state = *governor_->state_;
        if (asked_ == CallQueue::Asked::circuit_open) {
            state.circuit_open.add();
            return circuit_open();
        }
        wait_->timer.reset();
        const std::lock_guard lock(state.mutex);
        const auto wait = std::exchange(wait_, nullptr);
        switch (wait->status) {
            case Wait::Status::begun:
                return Permit(governor_, wait);
            case Wait::Status::circuit_open:
                last_failure_ = wait->endpoint.last_failure;
                return circuit_open();
            case Wait::Status::turned_away:
                return fail(Reason::overloaded, "too many tokens of this kind wait for STS");
            case Wait::Status::waits:
                break;
        }
        wait->endpoint.waits.erase(wait->ticket);
        const bool slowed = wait->endpoint.queue.leave(wait->ticket, Clock::now());
        State::Aftermath ignored;
        state.show(wait->endpoint, ignored);
        state.too_late.add();
        if (slowed) {
            return fail(Reason::sts_throttled, "STS throttles, and the turn of this token did not come in time");
        }
        return fail(Reason::overloaded, "the turn of this token to be sent to STS did not come in time");
    }

private:
    [[nodiscard]] std::unexpected<Error> circuit_open() const {
        return fail(last_failure_, "the STS endpoint has failed again and again and is not asked for a moment");
    }

    std::shared_ptr<Governor> governor_;
    std::shared_ptr<Wait> wait_;
    CallQueue::Asked asked_ = CallQueue::Asked::circuit_open;
    Reason last_failure_ = Reason::sts_unreachable;
};

Governor::Governor(CallLimits limits, MetricsRegistry& registry) : state_(std::make_unique<State>(limits, registry)) {}

Governor::~Governor() = default;

asio::awaitable<Result<Governor::Permit>> Governor::acquire(
    std::shared_ptr<Governor> governor,
    const aws::StsHost& host,
    ClaimedCredentials claimed,
    Deadline deadline,
    CallQueue::Place place
) {
    const auto executor = co_await asio::this_coro::executor;
    Queued queued(std::move(governor), executor, host, claimed, place);
    if (queued.must_wait()) {
        asio::steady_timer& timer = queued.timer(deadline);
        auto [ended] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        static_cast<void>(ended);
    }
    co_return queued.result();
}

Governor::Permit::~Permit() {
    if (wait_ != nullptr) {
        governor_->state_->abandon(*wait_);
    }
}

bool Governor::Permit::finish(const Result<void>& ended, bool was_cut_short) {
    const auto wait = std::exchange(wait_, nullptr);
    State& state = *governor_->state_;
    Endpoint& endpoint = wait->endpoint;
    const CallOutcome outcome = outcome_of(ended, was_cut_short);
    const double draw = outcome == CallOutcome::failed ? random_draw() : 0;
    bool goes_on = false;
    State::Aftermath after;
    {
        const std::lock_guard lock(state.mutex);
        const SteadyTime now = Clock::now();
        if (outcome == CallOutcome::failed) {
            endpoint.last_failure = ended.error().reason;
        }
        goes_on = endpoint.queue.finish(wait->ticket, outcome, now, draw);
        after = state.settle(endpoint, now);
    }
    State::carry_out(governor_, endpoint, wait->executor, std::move(after));
    return goes_on;
}

}  // namespace arngate::sts
