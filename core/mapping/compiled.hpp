#pragma once

#include "core/mapping/table.hpp"
#include "core/mapping/username_template.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::mapping {

/// What a Table holds. Keys lie in one arena and equal templates are kept once, so that a rule costs about its ARN and
/// fifty bytes.
struct Table::Compiled {
    struct Source {
        std::string name;
        std::vector<std::string> reserved_prefixes;
    };
    /// A role or user entry.
    struct Entry {
        std::uint32_t source = 0;
        std::uint32_t username = 0;  ///< in templates
        std::uint32_t first_group = 0;
        std::uint32_t group_count = 0;
    };

    std::vector<Source> sources;
    std::vector<UsernameTemplate> templates;
    std::vector<std::uint32_t> groups;  ///< indices of templates; entries point to runs of them

    std::pmr::monotonic_buffer_resource key_bytes;
    /// By canonical ARN in lower case: the entry that wins.
    boost::unordered_flat_map<std::string_view, Entry> callers;
    /// By account id: the first source that admits it.
    boost::unordered_flat_map<std::string_view, std::uint32_t> accounts;

    AccountOrder account_order = AccountOrder::after_all;
    bool reserve_account_names = true;
    std::uint64_t generation = 0;
};

/// Fills a Compiled from what the operators wrote.
class Table::Builder {
public:
    Builder(Compiled& out, const TableOptions& options, std::vector<TableWarning>& warnings)
        : out_(out), options_(options), warnings_(warnings) {}

    void reserve(const std::vector<SourceRules>& sources);
    /// Sources come in chain order: what an earlier one says stays.
    void add(SourceRules&& source);

private:
    /// A compiled entry of one list, before the other lists and sources are looked at.
    struct Candidate {
        const Rule* rule;
        std::string key;
        bool had_path;
        std::string written;  ///< the canonical ARN with its path, in lower case, if had_path
    };

    void add_list(const std::vector<Rule>& rules, std::uint32_t source);
    [[nodiscard]] std::vector<Candidate> candidates(const std::vector<Rule>& rules);
    [[nodiscard]] bool read(const Rule& rule, Candidate& candidate);
    void add_accounts(const std::vector<std::string>& accounts, const std::string& name, std::uint32_t source);
    [[nodiscard]] Compiled::Entry compile(const Rule& rule, std::uint32_t source);
    [[nodiscard]] std::uint32_t intern(const std::string& text);
    [[nodiscard]] std::string_view keep(std::string_view key);
    void warn(const Origin& origin, std::string message);

    Compiled& out_;
    const TableOptions& options_;
    std::vector<TableWarning>& warnings_;
    boost::unordered_flat_map<std::string, std::uint32_t> interned_;
};

}  // namespace arngate::mapping
