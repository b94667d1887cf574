#include "daemon/retired_tables.hpp"

#include "core/base/memory.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace arngate {

namespace {

/// How often tables that a running review may still hold are looked at.
constexpr std::chrono::milliseconds sweep_pause{250};
/// Without a new big table, until memory is given back.
constexpr std::chrono::seconds trim_pause{5};
constexpr std::size_t big_table = 10'000;

}  // namespace

void RetiredTables::replace(std::shared_ptr<const mapping::Table> before, const mapping::Table& next, SteadyTime now) {
    if (next.entries() >= big_table || (before != nullptr && before->entries() >= big_table)) {
        trim_at_ = now + trim_pause;
    }
    if (before != nullptr) {
        tables_.push_back(std::move(before));
        sweep_at_ = now + sweep_pause;
    }
}

void RetiredTables::on_time(SteadyTime now) {
    if (sweep_at_ && now >= *sweep_at_) {
        // One owner is this list, and nobody else can make a second one.
        std::erase_if(tables_, [](const auto& table) { return table.use_count() == 1; });
        sweep_at_.reset();
        if (!tables_.empty()) {
            sweep_at_ = now + sweep_pause;
        }
    }
    if (trim_at_ && now >= *trim_at_) {
        trim_at_.reset();
        release_unused_memory();
    }
}

std::optional<SteadyTime> RetiredTables::next_time() const {
    if (sweep_at_ && trim_at_) {
        return std::min(*sweep_at_, *trim_at_);
    }
    return sweep_at_ ? sweep_at_ : trim_at_;
}

}  // namespace arngate
