#include "core/identity/refusal_store.hpp"

#include <utility>

namespace arngate::identity {

RefusalMetrics::RefusalMetrics(MetricsRegistry& registry)
    : hits(registry.counter(
          "arngate_refusals_reused_total", "Reviews refused without asking STS, which had refused the same token."
      )),
      evictions(registry.counter("arngate_refusals_evictions_total", "Refusals of STS forgotten to make room.")),
      entries(registry.gauge("arngate_refusals_entries", "Refusals of STS that are remembered.")) {}

RefusalStore::RefusalStore(RefusalOptions options, MetricsRegistry& registry) : options_(options), metrics_(registry) {}

RefusalStore::~RefusalStore() {
    metrics_.entries.add(-static_cast<double>(size()));
}

void RefusalStore::Shard::remove(std::list<Entry>::iterator entry, std::list<Entry>& removed) noexcept {
    bytes -= entry->bytes;
    index.erase(entry->key);
    removed.splice(removed.end(), entries, entry);
}

std::optional<Error> RefusalStore::find(const TokenKey& key, SteadyTime now) {
    if (options_.max_bytes == 0) {
        return std::nullopt;
    }
    Shard& shard = shards_[shard_index(key, shard_count)];
    std::list<Entry> removed;
    std::optional<Error> refusal;
    {
        const std::lock_guard lock(shard.mutex);
        if (const auto found = shard.index.find(key); found != shard.index.end()) {
            if (now < found->second->keep_until) {
                refusal = found->second->refusal;
            } else {
                shard.remove(found->second, removed);
            }
        }
    }
    if (refusal) {
        metrics_.hits.add();
    }
    metrics_.entries.add(-static_cast<double>(removed.size()));
    return refusal;
}

void RefusalStore::insert(const TokenKey& key, Error refusal, SteadyTime now) {
    // What an entry costs besides its text: the nodes of list and index with their links, and the index's bucket.
    constexpr std::size_t overhead = sizeof(Entry) + sizeof(TokenKey) + 12 * sizeof(void*);
    const std::size_t bytes = overhead + refusal.detail.capacity();
    const std::size_t room = options_.max_bytes / shard_count;
    if (bytes > room) {
        return;
    }
    Shard& shard = shards_[shard_index(key, shard_count)];
    std::list<Entry> removed;
    std::list<Entry> added;
    added.push_back({key, std::move(refusal), now + options_.ttl, bytes});
    std::size_t evicted = 0;
    {
        const std::lock_guard lock(shard.mutex);
        if (const auto found = shard.index.find(key); found != shard.index.end()) {
            shard.remove(found->second, removed);
        }
        while (!shard.entries.empty() && shard.entries.front().keep_until <= now) {
            shard.remove(shard.entries.begin(), removed);
        }
        while (shard.bytes + bytes > room) {
            shard.remove(shard.entries.begin(), removed);
            ++evicted;
        }
        shard.index.emplace(key, added.begin());
        shard.entries.splice(shard.entries.end(), added);
        shard.bytes += bytes;
    }
    metrics_.evictions.add(evicted);
    metrics_.entries.add(1 - static_cast<double>(removed.size()));
}

std::size_t RefusalStore::size() const {
    std::size_t total = 0;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        total += shard.entries.size();
    }
    return total;
}

}  // namespace arngate::identity
