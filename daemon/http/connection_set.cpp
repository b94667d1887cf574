#include "daemon/http/connection_set.hpp"

#include "daemon/http/connection.hpp"

#include <algorithm>
#include <utility>

namespace arngate::http {

void ConnectionSet::add(Connection& connection) noexcept {
    connection.next_ = first_;
    if (first_ != nullptr) {
        first_->previous_ = &connection;
    }
    first_ = &connection;
    ++size_;
    context_->metrics->connections.add(1);
}

void ConnectionSet::remove(Connection& connection) noexcept {
    if (connection.previous_ != nullptr) {
        connection.previous_->next_ = connection.next_;
    } else {
        first_ = connection.next_;
    }
    if (connection.next_ != nullptr) {
        connection.next_->previous_ = connection.previous_;
    }
    connection.previous_ = connection.next_ = nullptr;
    --size_;
    context_->metrics->connections.add(-1);
    tell_if_empty();
}

std::vector<std::shared_ptr<Connection>> ConnectionSet::all() const {
    std::vector<std::shared_ptr<Connection>> all;
    all.reserve(size_);
    for (Connection* connection = first_; connection != nullptr; connection = connection->next_) {
        all.push_back(connection->self_);
    }
    return all;
}

void ConnectionSet::tell_if_empty() {
    if (size_ == 0 && drained_) {
        std::exchange(drained_, {})();
    }
}

void ConnectionSet::sweep(SteadyTime now) {
    if (now >= drain_until_) {
        context_->metrics->limit(Limit::drain_timeout).add(size_);
        close_all();
        return;
    }
    // Ending one calls what others wait for, so those to end are collected first.
    std::vector<std::shared_ptr<Connection>> late;
    for (Connection* connection = first_; connection != nullptr; connection = connection->next_) {
        if (connection->is_over_time(now)) {
            late.push_back(connection->self_);
        }
    }
    for (const auto& connection : late) {
        connection->time_out();
    }
}

void ConnectionSet::drain(std::move_only_function<void()> done, SteadyTime until) {
    context_->draining = true;
    drain_until_ = std::min(until, context_->clock.steady() + context_->limits.drain_timeout);
    for (const auto& connection : all()) {
        connection->drain();
    }
    drained_ = std::move(done);
    tell_if_empty();
}

void ConnectionSet::close_all() {
    for (const auto& connection : all()) {
        connection->close();
    }
}

}  // namespace arngate::http
