#include "core/identity/verification_cache.hpp"

#include <algorithm>
#include <iterator>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace arngate::identity {
namespace {

/// Tokens live for minutes; this only keeps the arithmetic of times far from its ends.
constexpr std::chrono::seconds longest_ttl = std::chrono::hours(24);

/// Bytes that a text has outside its object.
std::size_t heap_bytes(const std::string& text) noexcept {
    const std::size_t inside = std::string().capacity();
    return text.capacity() > inside ? text.capacity() + 1 : 0;
}

std::size_t heap_bytes(const sts::CallerIdentity& identity) noexcept {
    std::size_t bytes = sizeof(identity);
    for (const std::string* text :
         {&identity.arn,
          &identity.canonical_arn,
          &identity.mapping_key,
          &identity.account_id,
          &identity.user_id,
          &identity.session_name,
          &identity.access_key_id,
          &identity.sts_host}) {
        bytes += heap_bytes(*text);
    }
    return bytes;
}

}  // namespace

CacheMetrics::CacheMetrics(MetricsRegistry& registry)
    : hits(registry.counter(
          "arngate_cache_lookups_total", "Look-ups in the cache of verified identities.", {{"result", "hit"}}
      )),
      misses(registry.counter(
          "arngate_cache_lookups_total", "Look-ups in the cache of verified identities.", {{"result", "miss"}}
      )),
      stale(registry.counter(
          "arngate_cache_stale_used_total", "Reviews answered with a known identity since STS could not be asked."
      )),
      evictions(registry.counter("arngate_cache_evictions_total", "Verified identities dropped to make room.")),
      entries(registry.gauge("arngate_cache_entries", "Verified identities in the cache.")),
      bytes(registry.gauge("arngate_cache_bytes", "Bytes that the cache of verified identities holds.")) {}

/// One part of the cache: a list from the most to the least lately used, and an index of it.
struct alignas(64) VerificationCache::Shard {
    struct Entry {
        TokenKey key;
        std::shared_ptr<const sts::CallerIdentity> identity;
        WallTime token_good_from;
        WallTime token_good_until;
        SteadyTime keep_until;
        std::size_t bytes = 0;
    };
    using List = std::list<Entry>;

    /// What an entry costs besides its identity: the nodes of list and index with their links, the index's bucket, the
    /// control block, and what an allocator adds to each of them.
    static constexpr std::size_t overhead = sizeof(Entry) + sizeof(TokenKey) + 16 * sizeof(void*);

    mutable std::mutex mutex;
    List entries;
    std::unordered_map<TokenKey, List::iterator, TokenKeyHash> index;
    std::size_t bytes = 0;

    /// Takes the entry out, into a list that the caller destroys when the lock is gone.
    void remove(List::iterator entry, List& removed) noexcept {
        bytes -= entry->bytes;
        index.erase(entry->key);
        removed.splice(removed.end(), entries, entry);
    }
};

VerificationCache::VerificationCache(CacheOptions options, std::shared_ptr<CacheMetrics> metrics)
    : options_(options), metrics_(std::move(metrics)) {
    options_.ttl = std::min(options_.ttl, longest_ttl);
    options_.shards = std::max<std::size_t>(options_.shards, 1);
    shard_bytes_ = options_.max_bytes / options_.shards;
    shards_.reserve(options_.shards);
    for (std::size_t i = 0; i < options_.shards; ++i) {
        shards_.push_back(std::make_unique<Shard>());
    }
}

VerificationCache::~VerificationCache() {
    clear();
}

TokenKey VerificationCache::key_of(std::string_view token) const {
    return {hasher_(token)};
}

VerificationCache::Shard& VerificationCache::shard_of(const TokenKey& key) noexcept {
    return *shards_[shard_index(key, shards_.size())];
}

std::shared_ptr<const sts::CallerIdentity> VerificationCache::look_up(
    const TokenKey& key, WallTime wall, SteadyTime steady, Freshness wanted
) {
    Shard& shard = shard_of(key);
    Shard::List removed;
    std::size_t removed_bytes = 0;
    std::shared_ptr<const sts::CallerIdentity> identity;
    {
        const std::lock_guard lock(shard.mutex);
        if (const auto found = shard.index.find(key); found != shard.index.end()) {
            const auto entry = found->second;
            const bool in_token_time = entry->token_good_from <= wall && wall < entry->token_good_until;
            if (in_token_time && (wanted == Freshness::any || steady < entry->keep_until)) {
                shard.entries.splice(shard.entries.begin(), shard.entries, entry);
                identity = entry->identity;
            } else if (!in_token_time || !options_.keep_stale) {
                removed_bytes = entry->bytes;
                shard.remove(entry, removed);
            }
        }
    }
    if (!removed.empty()) {
        metrics_->entries.add(-1);
        metrics_->bytes.add(-static_cast<double>(removed_bytes));
    }
    return identity;
}

std::shared_ptr<const sts::CallerIdentity> VerificationCache::find(
    const TokenKey& key, WallTime wall, SteadyTime steady
) {
    if (!options_.enabled) {
        return nullptr;
    }
    auto identity = look_up(key, wall, steady, Freshness::fresh);
    (identity ? metrics_->hits : metrics_->misses).add();
    return identity;
}

std::shared_ptr<const sts::CallerIdentity> VerificationCache::peek(
    const TokenKey& key, WallTime wall, SteadyTime steady
) {
    return options_.enabled ? look_up(key, wall, steady, Freshness::fresh) : nullptr;
}

std::shared_ptr<const sts::CallerIdentity> VerificationCache::find_stale(const TokenKey& key, WallTime wall) {
    if (!options_.enabled || !options_.keep_stale) {
        return nullptr;
    }
    return look_up(key, wall, SteadyTime::max(), Freshness::any);
}

void VerificationCache::remove(const TokenKey& key) {
    Shard& shard = shard_of(key);
    Shard::List removed;
    {
        const std::lock_guard lock(shard.mutex);
        if (const auto found = shard.index.find(key); found != shard.index.end()) {
            shard.remove(found->second, removed);
        }
    }
    if (!removed.empty()) {
        metrics_->entries.add(-1);
        metrics_->bytes.add(-static_cast<double>(removed.front().bytes));
    }
}

void VerificationCache::insert(
    const TokenKey& key,
    std::shared_ptr<const sts::CallerIdentity> identity,
    WallTime token_good_until,
    SteadyTime steady,
    WallTime token_good_from
) {
    if (!options_.enabled || !identity) {
        return;
    }
    const std::size_t bytes = Shard::overhead + heap_bytes(*identity);
    if (bytes > shard_bytes_) {
        return;
    }
    Shard& shard = shard_of(key);
    Shard::List removed;
    Shard::List added;
    added.push_back({key, std::move(identity), token_good_from, token_good_until, steady + options_.ttl, bytes});
    std::size_t evicted = 0;
    std::ptrdiff_t growth = 0;
    {
        const std::lock_guard lock(shard.mutex);
        const std::size_t before = shard.bytes;
        if (const auto found = shard.index.find(key); found != shard.index.end()) {
            shard.remove(found->second, removed);
        }
        while (shard.bytes + bytes > shard_bytes_) {
            shard.remove(std::prev(shard.entries.end()), removed);
            ++evicted;
        }
        shard.index.emplace(key, added.begin());
        shard.entries.splice(shard.entries.begin(), added);
        shard.bytes += bytes;
        growth = static_cast<std::ptrdiff_t>(shard.bytes) - static_cast<std::ptrdiff_t>(before);
    }
    metrics_->evictions.add(evicted);
    metrics_->entries.add(1 - static_cast<double>(removed.size()));
    metrics_->bytes.add(static_cast<double>(growth));
}

void VerificationCache::clear() {
    for (const auto& shard : shards_) {
        Shard::List removed;
        std::size_t removed_bytes = 0;
        {
            const std::lock_guard lock(shard->mutex);
            shard->index.clear();
            removed.swap(shard->entries);
            removed_bytes = std::exchange(shard->bytes, 0);
        }
        metrics_->entries.add(-static_cast<double>(removed.size()));
        metrics_->bytes.add(-static_cast<double>(removed_bytes));
    }
}

std::size_t VerificationCache::size() const {
    std::size_t total = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard->mutex);
        total += shard->entries.size();
    }
    return total;
}

std::size_t VerificationCache::bytes() const {
    std::size_t total = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard->mutex);
        total += shard->bytes;
    }
    return total;
}

}  // namespace arngate::identity
