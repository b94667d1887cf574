#include "core/mapping/pattern_index.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <tuple>

namespace arngate::mapping {
namespace {

/// IAM's ARNs are shorter (IAM quotas); what is longer is no role, and costs no time here.
constexpr std::size_t max_key_bytes = 2048;

}  // namespace

bool PatternIndex::add(RolePattern pattern, std::uint32_t source, std::uint32_t rule) {
    std::uint32_t& count = counts_[std::string(pattern.literal_prefix())];
    if (count == max_per_prefix) {
        return false;
    }
    ++count;
    items_.push_back({std::move(pattern), {source, rule}});
    return true;
}

void PatternIndex::freeze() {
    const auto before = [](const Item& a, const Item& b) {
        return std::tuple(a.pattern.literal_prefix(), a.hit.source, b.hit.rule) <
               std::tuple(b.pattern.literal_prefix(), b.hit.source, a.hit.rule);
    };
    std::ranges::sort(items_, before);
    items_.shrink_to_fit();
    runs_.reserve(counts_.size());
    for (std::uint32_t i = 0; i < items_.size(); ++i) {
        Run& run = runs_[items_[i].pattern.literal_prefix()];
        if (run.count == 0) {
            run.first = i;
            lengths_.push_back(items_[i].pattern.literal_prefix().size());
        }
        ++run.count;
    }
    counts_ = {};
    std::ranges::sort(lengths_, std::greater<>());
    const auto repeated = std::ranges::unique(lengths_);
    lengths_.erase(repeated.begin(), repeated.end());
    lengths_.shrink_to_fit();
}

std::optional<PatternIndex::Hit> PatternIndex::find(std::string_view mapping_key, std::uint32_t source_limit)
    const noexcept {
    std::optional<Hit> best;
    if (mapping_key.size() > max_key_bytes) {
        return best;
    }
    for (const std::size_t length : lengths_) {
        if (length > mapping_key.size()) {
            continue;
        }
        if (source_limit == 0) {
            break;
        }
        const auto run = runs_.find(mapping_key.substr(0, length));
        if (run == runs_.end()) {
            continue;
        }
        if (const Item* item = first_match(run->second, mapping_key, source_limit)) {
            best = item->hit;
            source_limit = item->hit.source;
        }
    }
    return best;
}

const PatternIndex::Item* PatternIndex::first_match(const Run& run, std::string_view key, std::uint32_t source_limit)
    const noexcept {
    for (std::uint32_t i = run.first; i < run.first + run.count; ++i) {
        const Item& item = items_[i];
        if (item.hit.source >= source_limit) {
            return nullptr;  // sources of a prefix stand in their order
        }
        if (item.pattern.matches(key)) {
            return &item;
        }
    }
    return nullptr;
}

}  // namespace arngate::mapping
