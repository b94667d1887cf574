#pragma once

#include "core/base/clock.hpp"
#include "core/base/metrics.hpp"
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

struct CacheOptions {
    bool enabled = true;
    std::size_t max_bytes = 8 * 1024 * 1024;
    std::chrono::seconds ttl = std::chrono::minutes(5);
    std::size_t shards = 8;
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

    /// The identity, or nullptr. `wall` decides whether the token's own time has run out, `steady` the TTL.
    [[nodiscard]] std::shared_ptr<const sts::CallerIdentity> find(
        const TokenKey& key, WallTime wall, SteadyTime steady
    );
    void insert(
        const TokenKey& key,
        std::shared_ptr<const sts::CallerIdentity> identity,
        WallTime token_good_until,
        SteadyTime steady
    );
    void clear();
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::size_t bytes() const;

private:
    struct Shard;
    CacheOptions options_;
    std::shared_ptr<CacheMetrics> metrics_;
    std::array<unsigned char, 32> hash_key_;
    std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace arngate::identity
