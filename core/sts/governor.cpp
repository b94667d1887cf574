#include "core/sts/governor.hpp"

#include "core/base/log.hpp"
#include "core/base/random.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace arngate::sts {

namespace asio = boost::asio;

namespace {

using Clock = std::chrono::steady_clock;

/// No timer is set for sooner: calls come in small bunches rather than with one wake-up each.
constexpr std::chrono::milliseconds least_pause{1};
/// A timer this late has gone down with its loop.
constexpr std::chrono::milliseconds lost_timer{100};

double random_draw() {
    constexpr std::uint64_t steps = std::uint64_t{1} << 32;
    return static_cast<double>(random_below(steps)) / static_cast<double>(steps);
}

std::uint64_t random_number() {
    return random_below(std::uint64_t{1} << 63);
}

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

std::string_view name_of(CircuitBreaker::State state) {
    switch (state) {
        case CircuitBreaker::State::closed:
            return "closed";
        case CircuitBreaker::State::half_open:
            return "half open";
        case CircuitBreaker::State::open:
            break;
    }
    return "open";
}

}  // namespace

/// A call that waits for its turn or has begun. All but the timer is guarded by the governor's lock; the timer is only
/// touched on the loop of the call, and is there only while the call waits: most calls need none, and a permit may
/// outlive its loop.
struct Governor::Wait {
    enum class Status : std::uint8_t { waits, begun, circuit_open };

    Wait(const asio::any_io_executor& loop, Endpoint& at, CallQueue::Ticket number)
        : executor(loop), endpoint(at), ticket(number) {}

    asio::any_io_executor executor;
    std::optional<asio::steady_timer> timer;
    Endpoint& endpoint;
    CallQueue::Ticket ticket;
    Status status = Status::waits;
};

struct Governor::Endpoint {
    Endpoint(std::string_view host, const CallLimits& limits, MetricsRegistry& registry)
        : name(host),
          queue(limits),
          circuit_state(registry.gauge(
              "arngate_sts_circuit_state",
              "Whether an STS endpoint is asked: 0 yes, 1 one probe at a time, 2 no.",
              {{"endpoint", name}}
          )),
          circuit_opened(registry.counter(
              "arngate_sts_circuit_opened_total",
              "How often an STS endpoint failed so often in a row that it was no longer asked.",
              {{"endpoint", name}}
          )) {}

    std::string name;
    CallQueue queue;
    Gauge& circuit_state;
    Counter& circuit_opened;
    std::unordered_map<CallQueue::Ticket, std::shared_ptr<Wait>> waits;  ///< those whose turn has not come
    Reason last_failure = Reason::sts_unreachable;
    CircuitBreaker::State shown = CircuitBreaker::State::closed;  ///< in the metric and the log
    std::optional<SteadyTime> timer_at;
    std::size_t counted_waiting = 0;
    std::uint64_t counted_cuts = 0;
};

struct Governor::State {
    State(CallLimits with, MetricsRegistry& all)
        : limits(with),
          registry(all),
          waiting(all.gauge("arngate_sts_waiting", "Calls of STS that wait for their turn.")),
          circuit_open(not_asked(all, "circuit_open")),
          queue_full(not_asked(all, "queue_full")),
          too_late(not_asked(all, "deadline")),
          rate_cuts(all.counter("arngate_sts_rate_cuts_total", "How often calls were slowed since STS throttled them.")
          ) {}

    static Counter& not_asked(MetricsRegistry& registry, const char* why) {
        return registry.counter(
            "arngate_sts_not_asked_total", "Calls of STS that were not made, by why.", {{"why", why}}
        );
    }

    /// What is left to do when the lock is gone.
    struct Aftermath {
        Wait* own = nullptr;  ///< the call that asks now: it need not be woken, and is not among `waits`
        std::vector<std::shared_ptr<Wait>> wake;
        std::optional<CircuitBreaker::State> circuit;  ///< it has changed to this
        std::optional<SteadyTime> timer;               ///< one is to be set for then
    };

    Endpoint& endpoint_of(const aws::StsHost& host) {
        auto found = endpoints.find(host.name);
        if (found == endpoints.end()) {
            found = endpoints.emplace(host.name, std::make_unique<Endpoint>(host.name, limits, registry)).first;
        }
        return *found->second;
    }

    void move_on(const std::vector<CallQueue::Ticket>& tickets, Endpoint& endpoint, Wait::Status to, Aftermath& after) {
        for (const CallQueue::Ticket ticket : tickets) {
            if (after.own != nullptr && ticket == after.own->ticket) {
                after.own->status = to;
                continue;
            }
            auto node = endpoint.waits.extract(ticket);
            node.mapped()->status = to;
            after.wake.push_back(std::move(node.mapped()));
        }
    }

    /// With the lock: lets begin what may, and finds out what is to be said and done.
    Aftermath settle(Endpoint& endpoint, SteadyTime now, Wait* own = nullptr) {
        Aftermath after{.own = own, .wake = {}, .circuit = {}, .timer = {}};
        if (endpoint.queue.circuit() == CircuitBreaker::State::open) {
            const auto thrown_out = endpoint.queue.take_waiting();
            circuit_open.add(thrown_out.size());
            move_on(thrown_out, endpoint, Wait::Status::circuit_open, after);
        }
        move_on(endpoint.queue.poll(now), endpoint, Wait::Status::begun, after);
        if (const auto next = endpoint.queue.next(now)) {
            const SteadyTime at = std::max(*next, now + least_pause);
            const bool is_lost = endpoint.timer_at && *endpoint.timer_at + lost_timer < now;
            if (!endpoint.timer_at || is_lost || at < *endpoint.timer_at) {
                endpoint.timer_at = at;
                after.timer = at;
            }
        }
        show(endpoint, after);
        return after;
    }

    void show(Endpoint& endpoint, Aftermath& after) {
        const CircuitBreaker::State circuit = endpoint.queue.circuit();
        if (circuit != endpoint.shown) {
            endpoint.shown = circuit;
            endpoint.circuit_state.set(static_cast<double>(circuit));
            endpoint.circuit_opened.add(circuit == CircuitBreaker::State::open ? 1 : 0);
            after.circuit = circuit;
        }
        const std::size_t now_waiting = endpoint.queue.waiting();
        waiting.add(static_cast<double>(now_waiting) - static_cast<double>(endpoint.counted_waiting));
        endpoint.counted_waiting = now_waiting;
        rate_cuts.add(endpoint.queue.rate_cuts() - endpoint.counted_cuts);
        endpoint.counted_cuts = endpoint.queue.rate_cuts();
    }

    /// Without the lock, on the loop of `here`.
    static void carry_out(
        const std::shared_ptr<Governor>& governor,
        Endpoint& endpoint,
        const asio::any_io_executor& here,
        Aftermath after
    ) {
        if (after.circuit) {
            const auto level = *after.circuit == CircuitBreaker::State::open ? log::Level::warning : log::Level::info;
            log::write(level, "STS circuit", {{"stsendpoint", endpoint.name}, {"state", name_of(*after.circuit)}});
        }
        for (std::shared_ptr<Wait>& wait : after.wake) {
            asio::post(wait->executor, [wait] {
                if (wait->timer) {
                    wait->timer->cancel();
                }
            });
        }
        if (after.timer) {
            auto timer = std::make_shared<asio::steady_timer>(here, *after.timer);
            timer->async_wait([governor, timer, here, &endpoint, at = *after.timer](const boost::system::error_code& ec
                              ) {
                if (!ec) {
                    governor->state_->on_timer(governor, endpoint, here, at);
                }
            });
        }
    }

    void on_timer(
        const std::shared_ptr<Governor>& governor, Endpoint& endpoint, const asio::any_io_executor& here, SteadyTime at
    ) {
        Aftermath after;
        {
            const std::lock_guard lock(mutex);
            if (endpoint.timer_at == at) {
                endpoint.timer_at.reset();
            }
            after = settle(endpoint, Clock::now());
        }
        carry_out(governor, endpoint, here, std::move(after));
    }

    /// A call that will not be told how it ended: its loop is going down.
    void abandon(const Wait& wait) {
        const std::lock_guard lock(mutex);
        Endpoint& endpoint = wait.endpoint;
        if (wait.status == Wait::Status::waits) {
            endpoint.waits.erase(wait.ticket);
            endpoint.queue.leave(wait.ticket, Clock::now());
        } else if (wait.status == Wait::Status::begun) {
            endpoint.queue.finish(wait.ticket, CallOutcome::unknown, Clock::now(), 0);
        }
        Aftermath ignored;
        show(endpoint, ignored);
    }

    const CallLimits limits;
    MetricsRegistry& registry;
    Gauge& waiting;
    Counter& circuit_open;
    Counter& queue_full;
    Counter& too_late;
    Counter& rate_cuts;
    const std::uint64_t seed = random_number();

    std::mutex mutex;
    std::map<std::string, std::unique_ptr<Endpoint>, std::less<>>
        endpoints;  ///< as many as there are STS hosts at most
    CallQueue::Ticket last_ticket = 0;
};

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
        if (asked_ == CallQueue::Asked::full) {
            state.queue_full.add();
            return fail(Reason::overloaded, "too many tokens of this kind wait for STS");
        }
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
    CallQueue::Asked asked_ = CallQueue::Asked::full;
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
