#pragma once

#include "core/base/clock.hpp"
#include "core/ec2/describe_instances.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace arngate::ec2 {

struct NameCacheOptions {
    std::size_t max_instances = 20'000;
    std::size_t max_unknown = 1'024;
    std::chrono::seconds ttl = std::chrono::hours(6);             ///< the name of an instance that runs does not change
    std::chrono::seconds unknown_ttl = std::chrono::seconds(10);  ///< EC2 may learn of an instance late
};

/// What EC2 said lately: instances with their names, and, apart from them so that they push nothing out, ids that it
/// does not know. An instance without a name is not kept, since it may get one at any moment. Bounded; thread-safe.
class NameCache {
public:
    explicit NameCache(const NameCacheOptions& options)
        : instances_(options.max_instances, options.ttl), unknown_(options.max_unknown, options.unknown_ttl) {}

    struct Known {
        std::optional<Instance> instance;  ///< nothing: EC2 has no such instance
    };
    [[nodiscard]] std::optional<Known> find(std::string_view id, SteadyTime now) const;

    void insert(const Instance& instance, SteadyTime now);
    void insert_unknown(const std::string& id, SteadyTime now);
    [[nodiscard]] std::size_t instances() const;

private:
    /// Entries of one lifetime: the oldest is the first to expire and the first to go when it is full.
    class Store {
    public:
        Store(std::size_t max_entries, std::chrono::seconds ttl) : max_entries_(max_entries), ttl_(ttl) {}
        [[nodiscard]] const Instance* find(std::string_view id, SteadyTime now) const;
        void insert(const Instance& instance, SteadyTime now);
        void erase(std::string_view id);
        [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

    private:
        struct Entry {
            Instance instance;
            SteadyTime expires;
        };
        void pop_oldest();

        std::size_t max_entries_;
        std::chrono::seconds ttl_;
        std::list<Entry> entries_;                                                ///< the oldest in front
        std::unordered_map<std::string_view, std::list<Entry>::iterator> by_id_;  ///< keys lie in the entries
    };

    mutable std::mutex mutex_;
    Store instances_;
    Store unknown_;
};

}  // namespace arngate::ec2
