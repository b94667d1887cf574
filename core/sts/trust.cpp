#include "core/sts/trust.hpp"

namespace arngate::sts {
namespace {

constexpr double weight_of_latest = 1.0 / 16;
constexpr double most_refused = 0.5;

}  // namespace

Trust::Standing Trust::of(std::uint64_t who) const {
    const auto found = index_.find(who);
    if (found == index_.end()) {
        return Standing::unknown;
    }
    return found->second->refused_share < most_refused ? Standing::good : Standing::bad;
}

void Trust::proven(std::uint64_t who) {
    if (const auto found = index_.find(who); found != index_.end()) {
        Entry& entry = *found->second;
        entry.refused_share -= entry.refused_share * weight_of_latest;
        entries_.splice(entries_.begin(), entries_, found->second);
        return;
    }
    entries_.push_front({who, 0});
    index_.emplace(who, entries_.begin());
    if (entries_.size() > max_entries_) {
        index_.erase(entries_.back().who);
        entries_.pop_back();
    }
}

void Trust::refused(std::uint64_t who) {
    if (const auto found = index_.find(who); found != index_.end()) {
        Entry& entry = *found->second;
        entry.refused_share += (1 - entry.refused_share) * weight_of_latest;
    }
}

}  // namespace arngate::sts
