#pragma once

#include "core/base/clock.hpp"
#include "core/base/metrics.hpp"
#include "core/base/result.hpp"
#include "core/identity/token_key.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace arngate::identity {

struct RefusalOptions {
    std::size_t max_bytes = std::size_t{1024} * 1024;  ///< of all shards together, book-keeping included; 0: off
    std::chrono::milliseconds ttl{20'000};
};

struct RefusalMetrics {
    explicit RefusalMetrics(MetricsRegistry& registry);
    Counter& hits;       ///< arngate_refusals_reused_total
    Counter& evictions;  ///< arngate_refusals_evictions_total
    Gauge& entries;      ///< arngate_refusals_entries
};

/// Tokens that STS has refused lately, so that the same token does not cost another call. Apart from the cache of
/// identities, so that junk never pushes out what is good. Holds what was said, never a token. The oldest goes first.
/// Thread-safe: each shard has a lock of its own, held for a look-up only.
class RefusalStore {
public:
    /// `registry` must outlive the store.
    RefusalStore(RefusalOptions options, MetricsRegistry& registry);
    RefusalStore(const RefusalStore&) = delete;
    RefusalStore& operator=(const RefusalStore&) = delete;
    ~RefusalStore();

    /// What STS said of this token, if that was less than the TTL ago.
    [[nodiscard]] std::optional<Error> find(const TokenKey& key, SteadyTime now);
    /// Keeps a refusal, in place of an earlier one.
    void insert(const TokenKey& key, Error refusal, SteadyTime now);
    [[nodiscard]] std::size_t size() const;

private:
    struct Entry {
        TokenKey key;
        Error refusal;
        SteadyTime keep_until;
        std::size_t bytes = 0;
    };
    /// From the oldest to the newest, which is also the order in which they end.
    struct alignas(64) Shard {
        mutable std::mutex mutex;
        std::list<Entry> entries;
        std::unordered_map<TokenKey, std::list<Entry>::iterator, TokenKeyHash> index;
        std::size_t bytes = 0;

        void remove(std::list<Entry>::iterator entry, std::list<Entry>& removed) noexcept;
    };
    static constexpr std::size_t shard_count = 8;

    RefusalOptions options_;
    RefusalMetrics metrics_;
    std::array<Shard, shard_count> shards_;
};

}  // namespace arngate::identity
