#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>

namespace arngate::sts {

/// How often STS has lately proven tokens of somebody, by an opaque number. Only a success makes an entry, so that junk
/// never pushes out who is known; the least lately used go when there are too many. Pure.
class Trust {
public:
    explicit Trust(std::size_t max_entries) : max_entries_(max_entries) {}

    enum class Standing : std::uint8_t { unknown, good, bad };
    /// `bad`: known, but most of its last calls were refused.
    [[nodiscard]] Standing of(std::uint64_t who) const;
    void proven(std::uint64_t who);
    void refused(std::uint64_t who);
    [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }

private:
    struct Entry {
        std::uint64_t who;
        double refused_share;  ///< of the last calls, the latest weighing most
    };
    std::size_t max_entries_;
    std::list<Entry> entries_;  ///< from the most to the least lately proven
    std::unordered_map<std::uint64_t, std::list<Entry>::iterator> index_;
};

}  // namespace arngate::sts
