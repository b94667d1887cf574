#include "core/net/h2_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace arngate::net {

namespace asio = boost::asio;

namespace {

/// Before the first server has said its limit: what RFC 9113, section 6.5.2, calls the least that is recommended.
constexpr std::size_t usual_capacity = 100;

}  // namespace

/// Stands in the queue while its coroutine waits; leaves it, or gives back what it was given, however the wait ends.
struct H2Group::Waiter {
    enum class State : std::uint8_t { queued, served, failed };

    Waiter(std::shared_ptr<H2Group> owner, Deadline deadline) : group(std::move(owner)), wake(group->executor_) {
        wake.expires_at(deadline.at());
        group->queue_.push_back(this);
        position = std::prev(group->queue_.end());
        group->metrics_->waiting.add(1);
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() { leave(State::failed); }

    void leave(State next) {
        if (state == State::queued) {
            group->queue_.erase(position);
            group->metrics_->waiting.add(-1);
            state = next;
        }
    }
    void serve(Place given) {
        leave(State::served);
        place.emplace(std::move(given));
        wake.cancel();
    }
    void fail_with(const Error& why) {
        leave(State::failed);
        error = why;
        wake.cancel();
    }

    std::shared_ptr<H2Group> group;
    asio::steady_timer wake;  // expires at the deadline, cancelled when served or failed
    State state = State::queued;
    std::optional<Place> place;
    std::optional<Error> error;
    std::list<Waiter*>::iterator position;
};

H2Group::H2Group(
    asio::any_io_executor executor,
    std::string label,
    const HttpsPoolOptions& limits,
    std::shared_ptr<HttpsPoolMetrics> metrics,
    Opener opener
)
    : executor_(std::move(executor)),
      label_(std::move(label)),
      limits_(limits),
      metrics_(std::move(metrics)),
      opener_(std::move(opener)),
      expected_capacity_(std::min(usual_capacity, std::max<std::size_t>(limits.max_streams_per_connection, 1))) {}

std::optional<H2Group::Place> H2Group::take() {
    if (closed_) {
        return std::nullopt;
    }
    if (protocol_ == Protocol::http1) {
        return Place();
    }
    auto slot = queue_.empty() ? take_slot() : std::nullopt;
    if (!slot) {
        return std::nullopt;
    }
    Place place;
    place.slot.emplace(std::move(*slot));
    return place;
}

asio::awaitable<Result<H2Group::Place>> H2Group::acquire(std::shared_ptr<H2Group> group, Deadline deadline) {
    if (group->closed_) {
        co_return fail(Reason::overloaded, "no request to " + group->label_ + ": shutting down");
    }
    if (auto place = group->take()) {
        co_return std::move(*place);
    }
    if (group->queue_.size() >= group->limits_.max_waiting_per_endpoint + group->limits_.max_connections_per_endpoint) {
        co_return fail(Reason::overloaded, "too many requests wait for a connection to " + group->label_);
    }

    Waiter waiter(group, deadline);
    group->grow();
    if (waiter.state == Waiter::State::queued) {
        auto [ended] = co_await waiter.wake.async_wait(asio::as_tuple(asio::use_awaitable));
        static_cast<void>(ended);
    }
    if (waiter.place) {
        co_return std::move(*waiter.place);
    }
    if (waiter.error) {
        co_return std::unexpected(*waiter.error);
    }
    if (group->connections_.empty()) {
        co_return fail(Reason::sts_unreachable, fmt::format("connect to {}: timed out", group->label_));
    }
    co_return fail(Reason::overloaded, fmt::format("no connection to {} became free in time", group->label_));
}

std::optional<H2Connection::Slot> H2Group::take_slot() {
    // The first one that has room: few connections are busy, and the others run into their idle timeout.
    for (const auto& connection : connections_) {
        if (auto slot = connection->take_slot()) {
            return slot;
        }
    }
    return std::nullopt;
}

void H2Group::serve() {
    std::erase_if(connections_, [](const auto& connection) { return connection->is_closed(); });
    while (!queue_.empty()) {
        auto slot = take_slot();
        if (!slot) {
            break;
        }
        Place place;
        place.slot.emplace(std::move(*slot));
        queue_.front()->serve(std::move(place));
    }
    grow();
}

void H2Group::serve_http1(std::shared_ptr<HttpsConnection> fresh) {
    while (!queue_.empty()) {
        Place place;
        place.http1 = std::exchange(fresh, nullptr);
        queue_.front()->serve(std::move(place));
    }
    if (fresh != nullptr) {
        fresh->close();
    }
}

void H2Group::fail_waiting(const Error& error) {
    while (!queue_.empty()) {
        queue_.front()->fail_with(error);
    }
}

void H2Group::grow() {
    if (closed_ || queue_.empty() || (protocol_ == Protocol::unknown && opening_ > 0)) {
        return;
    }
    for (const auto& connection : connections_) {
        // One that has not said its limit may have room for all who wait; and where one takes nothing, another will
        // not.
        if (!connection->has_settings() || connection->takes_nothing()) {
            return;
        }
        if (const std::size_t capacity = connection->capacity(); capacity > 0) {
            expected_capacity_ = capacity;
        }
    }
    const std::size_t most = std::max<std::size_t>(limits_.max_connections_per_endpoint, 1);
    const std::size_t needed = (queue_.size() + expected_capacity_ - 1) / expected_capacity_;
    const std::size_t wanted = protocol_ == Protocol::unknown ? 1 : needed;
    // Counted beforehand: an opening may fail at once.
    for (std::size_t i = opening_; i < wanted && !queue_.empty() && connections_.size() + opening_ < most; ++i) {
        start_opening();
    }
}

void H2Group::start_opening() {
    ++opening_;
    asio::co_spawn(
        executor_,
        open(shared_from_this()),
        [self = shared_from_this(
         )](const std::exception_ptr& failure, Result<std::shared_ptr<HttpsConnection>> connection) {
            --self->opening_;
            if (failure) {
                connection = fail(Reason::internal_error, "connect to " + self->label_ + ": out of memory");
            }
            self->opened(std::move(connection));
        }
    );
}

asio::awaitable<Result<std::shared_ptr<HttpsConnection>>> H2Group::open(std::shared_ptr<H2Group> group) {
    auto connection = co_await group->opener_();
    co_return connection;
}

void H2Group::opened(Result<std::shared_ptr<HttpsConnection>> connection) {
    if (!connection) {
        // Who waits for room on a connection that lives still may get it.
        if (connections_.empty() && opening_ == 0) {
            fail_waiting(connection.error());
        }
        return;
    }
    if ((*connection)->speaks_http2()) {
        return adopt(std::move(*connection));
    }
    protocol_ = Protocol::http1;
    serve_http1(std::move(*connection));
}

void H2Group::adopt(std::shared_ptr<HttpsConnection> connection) {
    if (closed_ || http1_only_) {
        return connection->close();
    }
    protocol_ = Protocol::http2;
    auto changed = [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->serve();
        }
    };
    auto added = std::make_shared<H2Connection>(std::move(connection), limits_, metrics_, std::move(changed));
    connections_.push_back(added);
    added->start();
    serve();
}

void H2Group::use_http1_only() {
    http1_only_ = true;
    protocol_ = Protocol::http1;
    serve_http1(nullptr);
}

void H2Group::close() {
    closed_ = true;
    for (const auto& connection : std::exchange(connections_, {})) {
        connection->close_when_idle();
    }
    fail_waiting(Error{.reason = Reason::overloaded, .detail = "no request to " + label_ + ": shutting down"});
}

}  // namespace arngate::net
