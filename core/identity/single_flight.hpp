#pragma once

#include <cstddef>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace arngate::identity {

/// Who waits for what: many waiters for one key share one fetch. Only keeps the lists; the caller starts the fetch and
/// wakes the waiters that it takes out, so that a waiter may come back for the same key at once. Not thread-safe: one
/// a loop.
template <class Key, class Waiter, class Hash = std::hash<Key>>
class SingleFlight {
public:
    /// True if this waiter is the first: the caller starts the fetch, and take()s the key when it has ended.
    [[nodiscard]] bool join(const Key& key, Waiter waiter) {
        std::vector<Waiter>& waiters = flights_[key];
        waiters.push_back(std::move(waiter));
        ++waiting_;
        return waiters.size() == 1;
    }

    /// Ends the flight of this key: all its waiters in the order they came; none if there is no such flight.
    [[nodiscard]] std::vector<Waiter> take(const Key& key) {
        auto node = flights_.extract(key);
        if (node.empty()) {
            return {};
        }
        waiting_ -= node.mapped().size();
        return std::move(node.mapped());
    }

    /// Ends all flights.
    [[nodiscard]] std::vector<Waiter> take_all() {
        std::vector<Waiter> all;
        all.reserve(waiting_);
        for (auto& [key, waiters] : flights_) {
            for (Waiter& waiter : waiters) {
                all.push_back(std::move(waiter));
            }
        }
        flights_.clear();
        waiting_ = 0;
        return all;
    }

    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
    [[nodiscard]] std::size_t flights() const noexcept { return flights_.size(); }

private:
    std::unordered_map<Key, std::vector<Waiter>, Hash> flights_;
    std::size_t waiting_ = 0;
};

}  // namespace arngate::identity
