#pragma once

#include "core/base/clock.hpp"
#include "core/base/metrics.hpp"
#include "core/identity/token_hasher.hpp"
#include "core/identity/token_key.hpp"
#include "core/sts/caller_identity.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace arngate::identity {

struct CacheOptions {
    bool enabled = true;                      ///< false: nothing is kept and nothing is found
    std::size_t max_bytes = 8 * 1024 * 1024;  ///< of all shards together, book-keeping included
    std::chrono::seconds ttl = std::chrono::minutes(5);
    std::size_t shards = 8;  ///< at least 1
    /// What has outlived its TTL stays until its token's own end, for `find_stale`.
    bool keep_stale = false;
};

struct CacheMetrics {
    explicit CacheMetrics(MetricsRegistry& registry);
    Counter& hits;       ///< arngate_cache_lookups_total{result="hit"}
    Counter& misses;     ///< arngate_cache_lookups_total{result="miss"}
    Counter& stale;      ///< arngate_cache_stale_used_total
    Counter& evictions;  ///< arngate_cache_evictions_total
    Gauge& entries;      ///< arngate_cache_entries
    Gauge& bytes;        ///< arngate_cache_bytes
};

/// Identities that STS has proven lately. Sharded LRU, bounded in bytes; holds identities, never mappings, so that a
/// mapping edit acts at once, and never a token. An entry is fresh until the earlier of its TTL and the token's own
/// end. Thread-safe: each shard has a lock of its own, held for a look-up only.
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
    /// As `find`, but counted nowhere: for a second look at what was a miss a moment ago.
    [[nodiscard]] std::shared_ptr<const sts::CallerIdentity> peek(
        const TokenKey& key, WallTime wall, SteadyTime steady
    );
    /// The identity while its token is within its own time, whatever the TTL says: for when STS cannot be asked.
    /// nullptr without `keep_stale`.
    [[nodiscard]] std::shared_ptr<const sts::CallerIdentity> find_stale(const TokenKey& key, WallTime wall);
    /// Forgets what STS no longer vouches for.
    void remove(const TokenKey& key);
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
    enum class Freshness : bool { fresh, any };
    [[nodiscard]] Shard& shard_of(const TokenKey& key) noexcept;
    [[nodiscard]] std::shared_ptr<const sts::CallerIdentity> look_up(
        const TokenKey& key, WallTime wall, SteadyTime steady, Freshness wanted
    );

    CacheOptions options_;
    std::shared_ptr<CacheMetrics> metrics_;
    TokenHasher hasher_;
    std::size_t shard_bytes_;  ///< the bound of each shard
    std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace arngate::identity
