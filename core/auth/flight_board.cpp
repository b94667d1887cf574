#include "core/auth/flight_board.hpp"

#include <utility>

namespace arngate::auth {

bool FlightBoard::join(const identity::TokenKey& key, const void* loop, Deliver deliver) {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto [flight, is_new] = shard.flights.try_emplace(key);
    if (!is_new) {
        flight->second.push_back({loop, std::move(deliver)});
    }
    return is_new;
}

void FlightBoard::land(const identity::TokenKey& key, const Proof& proof) {
    std::vector<Passenger> passengers;
    {
        Shard& shard = shard_of(key);
        const std::lock_guard lock(shard.mutex);
        auto node = shard.flights.extract(key);
        if (!node.empty()) {
            passengers = std::move(node.mapped());
        }
    }
    for (Passenger& passenger : passengers) {
        passenger.deliver(proof);
    }
}

void FlightBoard::leave(const identity::TokenKey& key, const void* loop) {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    if (const auto flight = shard.flights.find(key); flight != shard.flights.end()) {
        std::erase_if(flight->second, [loop](const Passenger& passenger) { return passenger.loop == loop; });
    }
}

bool FlightBoard::enter(std::size_t limit) noexcept {
    std::size_t seen = waiting_.load(std::memory_order_relaxed);
    while (seen < limit) {
        if (waiting_.compare_exchange_weak(seen, seen + 1, std::memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

}  // namespace arngate::auth
