#pragma once

#include "core/base/clock.hpp"
#include "core/base/metrics.hpp"
#include "core/identity/token_hasher.hpp"
#include "core/sts/caller_identity.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace arngate::identity {

/// A keyed 256-bit hash of a whole token. Compared in full; tells nothing about the token without the process's key.
struct TokenKey {
    std::array<unsigned char, 32> bytes{};
    bool operator==(const TokenKey&) const = default;
};

/// The first bytes of a key: keyed already, so no peer can choose where it goes.
struct TokenKeyHash {
    [[nodiscard]] std::size_t operator()(const TokenKey& key) const noexcept;
};

struct CacheOptions {
    bool enabled = true;                      ///< false: nothing is kept and nothing is found
    std::size_t max_bytes = 8 * 1024 * 1024;  ///< of all shards together, book-keeping included
    std::chrono::seconds ttl = std::chrono::minutes(5);
    std::size_t shards = 8;  ///< at least 1
};

struct CacheMetrics {
    explicit CacheMetrics(MetricsRegistry& registry);
    Counter& hits;       ///< arngate_cache_lookups_total{result="hit"}
    Counter& misses;     ///< arngate_cache_lookups_total{result="miss"}
    Counter& evictions;  ///< arngate_cache_evictions_total
    Gauge& entries;      ///< arngate_cache_entries
    Gauge& bytes;        ///< arngate_cache_bytes
};

/// Identities that STS has proven lately. Sharded LRU, bounded in bytes; holds identities, never mappings, so that a
/// mapping edit acts at once, and never a token. An entry ends at the earlier of its TTL and the token's own end.
/// Thread-safe: each shard has a lock of its own, held for a look-up only.
class VerificationCache {
public:
    VerificationCache(CacheOptions options, std::shared_ptr<CacheMetrics> metrics);
    ~VerificationCache();
    VerificationCache(const VerificationCache&) = delete;
    VerificationCache& operator=(const VerificationCache&) = delete;

    /// Thread-safe; contexts are kept per thread.
    [[nodiscard]] TokenKey key_of(std::string_view token) const;

    /// The identity, or nullptr. `wall` decides whether it is within the token's own time, `steady` the TTL.
    [[nodiscard]] std::shared_ptr<const sts::CallerIdentity> find(
        const TokenKey& key, WallTime wall, SteadyTime steady
    );
    /// Keeps an identity, in place of an earlier one of the same key. One that alone is larger than a shard is not
    /// kept. `token_good_from`: before this moment the token would be refused as one of the future; it only matters
    /// when the wall clock is set back.
    void insert(
        const TokenKey& key,
        std::shared_ptr<const sts::CallerIdentity> identity,
        WallTime token_good_until,
        SteadyTime steady,
        WallTime token_good_from = WallTime::min()
    );
    void clear();
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::size_t bytes() const;

private:
    struct Shard;
    [[nodiscard]] Shard& shard_of(const TokenKey& key) noexcept;

    CacheOptions options_;
    std::shared_ptr<CacheMetrics> metrics_;
    TokenHasher hasher_;
    std::size_t shard_bytes_;  ///< the bound of each shard
    std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace arngate::identity
