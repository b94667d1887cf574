#pragma once

#include "core/auth/proof.hpp"
#include "core/identity/token_key.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace arngate::auth {

/// Which tokens STS is being asked about by any loop, and which other loops wait for the answers; and how many reviews
/// wait in all. Thread-safe: a lock a shard, held for a look-up and never over a call.
class FlightBoard {
public:
    /// Brings an answer to a loop that waits for it. Called on the thread of the loop that asked; must not throw.
    using Deliver = std::move_only_function<void(const Proof&)>;

    /// True: nobody asks yet, the caller does, and must land() the key once. False: `deliver` will be called once,
    /// unless this loop leaves before.
    [[nodiscard]] bool join(const identity::TokenKey& key, const void* loop, Deliver deliver);
    /// Ends the flight of this key: all other loops that wait for it are told.
    void land(const identity::TokenKey& key, const Proof& proof);
    /// This loop no longer waits for a key that another one asks about.
    void leave(const identity::TokenKey& key, const void* loop);

    /// Counts one more review that waits, if that makes no more than `limit`.
    [[nodiscard]] bool enter(std::size_t limit) noexcept;
    void exit(std::size_t reviews) noexcept { waiting_.fetch_sub(reviews, std::memory_order_relaxed); }
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.load(std::memory_order_relaxed); }

private:
    struct Passenger {
        const void* loop;
        Deliver deliver;
    };
    struct alignas(64) Shard {
        std::mutex mutex;
        std::unordered_map<identity::TokenKey, std::vector<Passenger>, identity::TokenKeyHash> flights;
    };
    static constexpr std::size_t shard_count = 16;
    [[nodiscard]] Shard& shard_of(const identity::TokenKey& key) noexcept {
        return shards_[identity::shard_index(key, shard_count)];
    }

    std::array<Shard, shard_count> shards_;
    std::atomic<std::size_t> waiting_{0};
};

}  // namespace arngate::auth
