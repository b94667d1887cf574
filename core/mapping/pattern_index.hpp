#pragma once

#include "core/mapping/role_pattern.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::mapping {

/// Finds the pattern that decides about a caller without looking at all of them: patterns lie by their literal prefix,
/// and only the prefixes of the caller's own key are looked up. Filled first, then frozen; frozen it is immutable and
/// safe to read from any thread.
class PatternIndex {
public:
    struct Hit {
        std::uint32_t source = 0;
        std::uint32_t rule = 0;
    };
    /// How many patterns of one literal prefix a look-up may have to try.
    static constexpr std::size_t max_per_prefix = 64;

    /// `rule`: what a Hit names; patterns are added in the order written. False: the prefix has max_per_prefix patterns
    /// already, and this one is left out.
    [[nodiscard]] bool add(RolePattern pattern, std::uint32_t source, std::uint32_t rule);
    void freeze();

    /// The pattern that matches, of a source before `source_limit`: that of the earliest source; of these the one of
    /// the longest literal prefix; of these the one written last.
    [[nodiscard]] std::optional<Hit> find(std::string_view mapping_key, std::uint32_t source_limit) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }

private:
    struct Item {
        RolePattern pattern;
        Hit hit;
    };
    struct Run {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
    };
    [[nodiscard]] const Item* first_match(const Run& run, std::string_view key, std::uint32_t source_limit)
        const noexcept;

    std::vector<Item> items_;
    boost::unordered_flat_map<std::string, std::uint32_t> counts_;  ///< patterns of a prefix; empty once frozen
    boost::unordered_flat_map<std::string_view, Run> runs_;         ///< by prefix, which lies in the items
    std::vector<std::size_t> lengths_;                              ///< of all prefixes, longest first
};

}  // namespace arngate::mapping
