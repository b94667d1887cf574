#pragma once

#include "core/mapping/pattern_index.hpp"
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
        bool break_glass = false;
    };
    /// A role or user entry.
    struct Entry {
        std::uint32_t source = 0;
        std::uint32_t username = 0;  ///< in templates
        std::uint32_t first_group = 0;
        std::uint32_t group_count = 0;
    };
    /// An entry that is found by user id.
    struct IdEntry {
        Entry entry;
        bool wants_arn = false;
        std::string_view arn;  ///< what the caller's key must be if wants_arn; an empty one is no caller's
    };
    /// A source whose entries are found by user id.
    struct IdSource {
        std::uint32_t source = 0;
        boost::unordered_flat_map<std::string_view, IdEntry> entries;
    };
    /// The role or user entry that decides about a caller.
    struct Match {
        const Entry* entry = nullptr;
        bool id_mismatch = false;  ///< an entry of the caller's user id wants another ARN
    };

    [[nodiscard]] Match match(const sts::CallerIdentity& identity) const noexcept;

    std::vector<Source> sources;
    std::vector<UsernameTemplate> templates;
    std::vector<std::uint32_t> groups;  ///< indices of templates; entries point to runs of them

    std::pmr::monotonic_buffer_resource key_bytes;
    /// By canonical ARN in lower case: the entry that wins.
    boost::unordered_flat_map<std::string_view, Entry> callers;
    PatternIndex patterns;  ///< its rules are indices of pattern_entries
    std::vector<Entry> pattern_entries;
    std::vector<IdSource> by_id;
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

    void reserve(std::size_t sources, std::size_t callers, std::size_t accounts);
    /// Sources come in chain order: what an earlier one says stays. The rules must outlive the builder.
    void add(const SourceRules& source);
    /// After the last source.
    void finish();

private:
    /// A compiled entry of one list, before the other lists and sources are looked at.
    struct Candidate {
        const Rule* rule;
        std::string key;
        bool had_path;
        std::string written;  ///< the canonical ARN with its path, in lower case, if had_path
    };
    /// Where in the list of roles a key comes from.
    using Roles = boost::unordered_flat_map<std::string_view, const Rule*>;

    void add_roles(const SourceRules& source, std::uint32_t index, Roles& roles);
    void add_users(const SourceRules& source, std::uint32_t index, const Roles& roles);
    [[nodiscard]] std::vector<Candidate> candidates(const std::vector<Rule>& rules, MatchBy match);
    [[nodiscard]] bool read(const Rule& rule, MatchBy match, Candidate& candidate);
    void add_patterns(const std::vector<Rule>& rules, std::uint32_t source);
    void add_by_id(const SourceRules& source, std::uint32_t index);
    [[nodiscard]] Compiled::IdEntry read_by_id(const Rule& rule, std::uint32_t source);
    void add_accounts(const std::vector<std::string>& accounts, const std::string& name, std::uint32_t source);
    [[nodiscard]] Compiled::Entry compile(const Rule& rule, std::uint32_t source);
    [[nodiscard]] std::uint32_t intern(std::string_view text);
    [[nodiscard]] std::string_view keep(std::string_view key);
    void warn(const Origin& origin, std::string message, TableWarning::Kind kind = TableWarning::Kind::left_out);
    void warn_of_replaced(const Rule& replaced, const Rule& by, std::string_view same);
    void warn_of_hidden(const Rule& hidden, const Rule& by, std::string_view same);
    /// Puts the entry into the table unless an earlier source has one of its key, and gives the key as the table keeps
    /// it.
    std::string_view add_caller(const Candidate& candidate, std::uint32_t source);

    Compiled& out_;
    const TableOptions& options_;
    std::vector<TableWarning>& warnings_;
    boost::unordered_flat_map<std::string_view, std::uint32_t> interned_;  ///< texts of the rules
    bool has_chain_ = false;  ///< several sources: only then one can hide another's entries
    /// Of a chain: the entries in force, by canonical ARN and by the pattern's text.
    boost::unordered_flat_map<std::string_view, const Rule*> caller_rules_;
    boost::unordered_flat_map<std::string, const Rule*> pattern_rules_;
};

}  // namespace arngate::mapping
