#include "core/ec2/name_cache.hpp"

namespace arngate::ec2 {

const Instance* NameCache::Store::find(std::string_view id, SteadyTime now) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() || now >= found->second->expires ? nullptr : &found->second->instance;
}

void NameCache::Store::insert(const Instance& instance, SteadyTime now) {
    if (max_entries_ == 0) {
        return;
    }
    erase(instance.id);
    while (!entries_.empty() && (entries_.size() >= max_entries_ || now >= entries_.front().expires)) {
        pop_oldest();
    }
    const auto added = entries_.insert(entries_.end(), Entry{.instance = instance, .expires = now + ttl_});
    by_id_.emplace(added->instance.id, added);
}

void NameCache::Store::erase(std::string_view id) {
    const auto found = by_id_.find(id);
    if (found != by_id_.end()) {
        const auto entry = found->second;
        by_id_.erase(found);
        entries_.erase(entry);
    }
}

void NameCache::Store::pop_oldest() {
    by_id_.erase(entries_.front().instance.id);
    entries_.pop_front();
}

std::optional<NameCache::Known> NameCache::find(std::string_view id, SteadyTime now) const {
    const std::lock_guard lock(mutex_);
    if (const Instance* instance = instances_.find(id, now)) {
        return Known{*instance};
    }
    return unknown_.find(id, now) != nullptr ? std::optional(Known{}) : std::nullopt;
}

void NameCache::insert(const Instance& instance, SteadyTime now) {
    const std::lock_guard lock(mutex_);
    unknown_.erase(instance.id);
    if (!instance.private_dns_name.empty()) {
        instances_.insert(instance, now);
    }
}

void NameCache::insert_unknown(const std::string& id, SteadyTime now) {
    const std::lock_guard lock(mutex_);
    instances_.erase(id);
    unknown_.insert({.id = id, .private_dns_name = {}, .owner_account = {}}, now);
}

std::size_t NameCache::instances() const {
    const std::lock_guard lock(mutex_);
    return instances_.size();
}

}  // namespace arngate::ec2
