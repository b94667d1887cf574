#pragma once

#include "config/document.hpp"
#include "config/entry_reader.hpp"
#include "config/report.hpp"
#include "config/rules.hpp"
#include "core/mapping/role_pattern.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <memory_resource>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace arngate::config {

/// What the entries of one list are for, so far. Warns of an entry that another one of the list hides, and refuses
/// those that only their role paths tell apart. The report outlives it.
class SeenArns {
public:
    SeenArns(RolePaths paths, Report& report) : paths_(paths), report_(report) {}

    /// Makes room for so many at once.
    void reserve(std::size_t count) { seen_.reserve(count); }
    /// `arn` is canonical, or a pattern, and stands in this field of the entry.
    void add(const std::string& arn, const EntryReader& entry, std::string_view field);

private:
    struct Seen {
        std::string_view path;
        Position at;
    };

    [[nodiscard]] std::string_view keep(std::string_view text);

    RolePaths paths_;
    Report& report_;
    std::pmr::monotonic_buffer_resource texts_;  ///< which `seen_` has views of
    boost::unordered_flat_map<std::string_view, Seen> seen_;
};

/// The same for entries that stand for many roles; refuses more of one beginning than are looked at.
class SeenPatterns {
public:
    explicit SeenPatterns(Report& report) : texts_(RolePaths::keep, report), report_(report) {}

    void add(const mapping::RolePattern& pattern, const EntryReader& entry, std::string_view field);

private:
    SeenArns texts_;
    Report& report_;
    std::unordered_set<std::string> counted_;
    std::unordered_map<std::string, std::size_t> prefixes_;
};

}  // namespace arngate::config
