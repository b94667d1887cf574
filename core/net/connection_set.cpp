#include "core/net/connection_set.hpp"

#include "core/net/endpoint.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace arngate::net {

namespace asio = boost::asio;

/// Stands in a queue while its coroutine waits; leaves it, or gives back what it was given, however the wait ends.
struct ConnectionSet::Waiter {
    enum class State : std::uint8_t { queued, served, refused, done };

    Waiter(std::shared_ptr<ConnectionSet> owner, Places& where, Deadline deadline)
        : set(std::move(owner)), places(where), wake(set->executor_) {
        wake.expires_at(deadline.at());
        places.queue.push_back(this);
        position = std::prev(places.queue.end());
        set->metrics_->waiting.add(1);
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() {
        leave(State::done);
        if (state == State::served) {
            set->release(places, std::move(connection));
        }
    }

    /// Out of the queue, if still in it.
    void leave(State next) {
        if (state == State::queued) {
            places.queue.erase(position);
            set->metrics_->waiting.add(-1);
            state = next;
        }
    }
    /// Hands over a place, with a connection or without.
    void serve(std::shared_ptr<HttpsConnection> handed) {
        leave(State::served);
        connection = std::move(handed);
        wake.cancel();
    }
    void refuse() {
        leave(State::refused);
        wake.cancel();
    }

    std::shared_ptr<ConnectionSet> set;
    Places& places;
    asio::steady_timer wake;  // expires at the deadline, cancelled when served or refused
    State state = State::queued;
    std::shared_ptr<HttpsConnection> connection;
    std::list<Waiter*>::iterator position;
};

ConnectionSet::ConnectionSet(
    const asio::any_io_executor& executor, const HttpsPoolOptions& limits, std::shared_ptr<HttpsPoolMetrics> metrics
)
    : executor_(executor),
      max_connections_(std::max<std::size_t>(limits.max_connections_per_endpoint, 1)),
      max_waiting_(limits.max_waiting_per_endpoint),
      idle_timeout_(limits.idle_timeout),
      metrics_(std::move(metrics)),
      sweeper_(executor) {}

ConnectionSet::Lease::Lease(
    std::shared_ptr<ConnectionSet> set, Places& places, std::shared_ptr<HttpsConnection> connection
)
    : set_(std::move(set)), places_(&places), connection_(std::move(connection)) {}

ConnectionSet::Lease::~Lease() {
    if (set_ != nullptr) {
        set_->release(*places_, std::move(connection_));
    }
}

void ConnectionSet::Lease::put(std::shared_ptr<HttpsConnection> opened) {
    connection_ = std::move(opened);
    set_->metrics_->open.add(1);
}

void ConnectionSet::Lease::drop() {
    set_->forget(std::exchange(connection_, nullptr));
}

std::optional<ConnectionSet::Lease> ConnectionSet::take(const Endpoint& endpoint) {
    if (closed_) {
        return std::nullopt;
    }
    Places& places = places_[endpoint];
    auto idle = take_idle(places);
    if (idle == nullptr && places.leased >= max_connections_) {
        return std::nullopt;
    }
    ++places.leased;
    return Lease(shared_from_this(), places, std::move(idle));
}

asio::awaitable<Result<ConnectionSet::Lease>> ConnectionSet::acquire(
    std::shared_ptr<ConnectionSet> set, Endpoint endpoint, Deadline deadline
) {
    if (set->closed_) {
        co_return fail(Reason::overloaded, "no request to " + authority(endpoint) + ": shutting down");
    }
    if (auto lease = set->take(endpoint)) {
        co_return std::move(*lease);
    }
    Places& places = set->places_[endpoint];
    if (places.queue.size() >= set->max_waiting_) {
        co_return fail(Reason::overloaded, "too many requests wait for a connection to " + authority(endpoint));
    }

    Waiter waiter(set, places, deadline);
    auto [ended] = co_await waiter.wake.async_wait(asio::as_tuple(asio::use_awaitable));
    static_cast<void>(ended);
    if (waiter.state == Waiter::State::served) {
        waiter.state = Waiter::State::done;
        co_return Lease(set, places, std::move(waiter.connection));
    }
    if (waiter.state == Waiter::State::refused) {
        co_return fail(Reason::overloaded, "no request to " + authority(endpoint) + ": shutting down");
    }
    co_return fail(
        Reason::overloaded,
        fmt::format(
            "no connection to {} became free in time (all {} in use)", authority(endpoint), set->max_connections_
        )
    );
}

void ConnectionSet::close() {
    closed_ = true;
    sweeper_.cancel();
    for (auto& [endpoint, places] : places_) {
        while (!places.idle.empty()) {
            forget(places.idle.back().connection);
            places.idle.pop_back();
            metrics_->idle.add(-1);
        }
        while (!places.queue.empty()) {
            places.queue.front()->refuse();
        }
    }
}

std::shared_ptr<HttpsConnection> ConnectionSet::take_idle(Places& places) {
    while (!places.idle.empty()) {
        // The one used last: its path is warm, and the others may run into their idle timeout.
        Idle idle = std::move(places.idle.back());
        places.idle.pop_back();
        metrics_->idle.add(-1);
        if (!is_expired(idle) && idle.connection->is_reusable()) {
            return std::move(idle.connection);
        }
        forget(idle.connection);
    }
    return nullptr;
}

bool ConnectionSet::is_expired(const Idle& idle) const {
    return std::chrono::steady_clock::now() - idle.since >= idle_timeout_;
}

void ConnectionSet::release(Places& places, std::shared_ptr<HttpsConnection> connection) {
    // One that will lie idle is looked at when it is taken again: a system call for each request, not two.
    const auto may_serve = [&] { return places.queue.empty() ? connection->may_be_kept() : connection->is_reusable(); };
    if (connection != nullptr && (closed_ || !may_serve())) {
        forget(std::exchange(connection, nullptr));
    }
    if (!places.queue.empty()) {
        places.queue.front()->serve(std::move(connection));
        return;
    }
    --places.leased;
    if (connection != nullptr) {
        const auto now = std::chrono::steady_clock::now();
        places.idle.push_back({.connection = std::move(connection), .since = now});
        metrics_->idle.add(1);
        start_sweep(now + idle_timeout_);
    }
}

void ConnectionSet::forget(const std::shared_ptr<HttpsConnection>& connection) {
    connection->close();
    metrics_->open.add(-1);
}

void ConnectionSet::start_sweep(SteadyTime at) {
    // A sweep that is due earlier finds out when the next one is.
    if (sweeping_ || closed_) {
        return;
    }
    sweeping_ = true;
    sweeper_.expires_at(at);
    sweeper_.async_wait([weak = weak_from_this()](const boost::system::error_code&) {
        if (const auto set = weak.lock()) {
            set->sweeping_ = false;
            set->sweep();
        }
    });
}

void ConnectionSet::sweep() {
    std::optional<SteadyTime> next;
    for (auto& [endpoint, places] : places_) {
        while (!places.idle.empty() && is_expired(places.idle.front())) {
            forget(places.idle.front().connection);
            places.idle.pop_front();
            metrics_->idle.add(-1);
        }
        if (!places.idle.empty()) {
            const SteadyTime due = places.idle.front().since + idle_timeout_;
            next = next ? std::min(*next, due) : due;
        }
    }
    if (next) {
        start_sweep(*next);
    }
}

}  // namespace arngate::net
