#include "core/sts/governor_state.hpp"

#include "core/base/log.hpp"
#include "core/base/random.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace arngate::sts {

namespace asio = boost::asio;

namespace {

using Clock = std::chrono::steady_clock;

/// No timer is set for sooner: calls come in small bunches rather than with one wake-up each.
constexpr std::chrono::milliseconds least_pause{1};
/// A timer this late has gone down with its loop.
constexpr std::chrono::milliseconds lost_timer{100};

std::uint64_t random_number() {
    return random_below(std::uint64_t{1} << 63);
}

Counter& not_asked(MetricsRegistry& registry, const char* why) {
    return registry.counter("arngate_sts_not_asked_total", "Calls of STS that were not made, by why.", {{"why", why}});
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

Governor::Endpoint::Endpoint(std::string_view host, const CallLimits& limits, MetricsRegistry& registry)
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

Governor::State::State(CallLimits with, MetricsRegistry& all)
    : limits(with),
      registry(all),
      waiting(all.gauge("arngate_sts_waiting", "Calls of STS that wait for their turn.")),
      circuit_open(not_asked(all, "circuit_open")),
      queue_full(not_asked(all, "queue_full")),
      too_late(not_asked(all, "deadline")),
      rate_cuts(all.counter("arngate_sts_rate_cuts_total", "How often calls were slowed since STS throttled them.")),
      seed(random_number()) {}

Governor::Endpoint& Governor::State::endpoint_of(const aws::StsHost& host) {
    auto found = endpoints.find(host.name);
    if (found == endpoints.end()) {
        found = endpoints.emplace(host.name, std::make_unique<Endpoint>(host.name, limits, registry)).first;
    }
    return *found->second;
}

void Governor::State::move_on(
    const std::vector<CallQueue::Ticket>& tickets, Endpoint& endpoint, Wait::Status to, Aftermath& after
) {
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

Governor::State::Aftermath Governor::State::settle(Endpoint& endpoint, SteadyTime now, Wait* own) {
    Aftermath after{.own = own, .wake = {}, .circuit = {}, .timer = {}};
    if (endpoint.queue.circuit() == CircuitBreaker::State::open) {
        const auto thrown_out = endpoint.queue.take_waiting();
        circuit_open.add(thrown_out.size());
        move_on(thrown_out, endpoint, Wait::Status::circuit_open, after);
    }
    move_on(endpoint.queue.poll(now), endpoint, Wait::Status::begun, after);
    turn_away(endpoint, now, after);
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

void Governor::State::turn_away(Endpoint& endpoint, SteadyTime now, Aftermath& after) {
    const auto excess = endpoint.queue.take_excess(now);
    queue_full.add(excess.size());
    move_on(excess, endpoint, Wait::Status::turned_away, after);
    count(endpoint);
    // A token names its endpoint itself: whoever sends many to many endpoints must not take all the room that reviews
    // have.
    while (newcomers > limits.waiting - limits.waiting / 4 && turn_one_away(CallQueue::Rank::newcomer, now, after)) {
    }
    while (calls > limits.waiting - limits.waiting / 8 && turn_one_away(CallQueue::Rank::known, now, after)) {
    }
}

/// False: no call of this rank waits anywhere.
bool Governor::State::turn_one_away(CallQueue::Rank rank, SteadyTime now, Aftermath& after) {
    const auto waiting_at = [rank](const auto& entry) { return entry.second->queue.waiting(rank); };
    Endpoint& busiest = *std::ranges::max_element(endpoints, {}, waiting_at)->second;
    const auto ticket = busiest.queue.take_last(rank, now);
    if (!ticket) {
        return false;
    }
    queue_full.add();
    move_on({*ticket}, busiest, Wait::Status::turned_away, after);
    count(busiest);
    return true;
}

void Governor::State::count(Endpoint& endpoint) {
    const CallQueue& queue = endpoint.queue;
    const std::size_t now_waiting = queue.waiting();
    const std::size_t now_calls = now_waiting + queue.in_flight();
    const std::size_t now_newcomers = queue.waiting(CallQueue::Rank::newcomer) + queue.newcomers_in_flight();
    waiting.add(static_cast<double>(now_waiting) - static_cast<double>(endpoint.counted_waiting));
    calls += now_calls - endpoint.counted_calls;
    newcomers += now_newcomers - endpoint.counted_newcomers;
    endpoint.counted_waiting = now_waiting;
    endpoint.counted_calls = now_calls;
    endpoint.counted_newcomers = now_newcomers;
}

void Governor::State::show(Endpoint& endpoint, Aftermath& after) {
    const CircuitBreaker::State circuit = endpoint.queue.circuit();
    if (circuit != endpoint.shown) {
        endpoint.shown = circuit;
        endpoint.circuit_state.set(static_cast<double>(circuit));
        endpoint.circuit_opened.add(circuit == CircuitBreaker::State::open ? 1 : 0);
        after.circuit = circuit;
    }
    count(endpoint);
    rate_cuts.add(endpoint.queue.rate_cuts() - endpoint.counted_cuts);
    endpoint.counted_cuts = endpoint.queue.rate_cuts();
}

void Governor::State::carry_out(
    const std::shared_ptr<Governor>& governor, Endpoint& endpoint, const asio::any_io_executor& here, Aftermath after
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
        timer->async_wait([governor, timer, here, &endpoint, at = *after.timer](const boost::system::error_code& ec) {
            if (!ec) {
                governor->state_->on_timer(governor, endpoint, here, at);
            }
        });
    }
}

void Governor::State::on_timer(
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

void Governor::State::abandon(const Wait& wait) {
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

}  // namespace arngate::sts
