#pragma once

#include "core/base/result.hpp"
#include "core/mapping/node_names.hpp"
#include "core/mapping/rule.hpp"
#include "core/sts/caller_identity.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::mapping {

/// Who the caller is in Kubernetes.
struct KubernetesUser {
    std::string username;
    std::vector<std::string> groups;
    bool break_glass = false;  ///< by an entry of a source for emergencies
    bool operator==(const KubernetesUser&) const = default;
};

enum class AccountOrder : std::uint8_t {
    after_all,  ///< account rules of all sources come after the explicit entries of all sources
    in_chain,   ///< each source's account rules come right after its own entries, as the Go server has it
};

struct TableOptions {
    AccountOrder accounts = AccountOrder::after_all;
    bool strip_role_paths = true;  ///< a configured role ARN may carry its path
    /// Whether a source's reserved prefixes bind the usernames that its account rules give, too. Not set: they do,
    /// except with AccountOrder::in_chain, as the Go server has it.
    std::optional<bool> reserve_account_names;
};

/// Something about an entry that its author should know; the table is built all the same.
struct TableWarning {
    enum class Kind : std::uint8_t {
        left_out,      ///< the entry is not in the table, or can admit nobody
        replaces,      ///< the entry takes the place of another one
        replaced,      ///< the other one, which is not in the table
        is_ambiguous,  ///< the entry is in force, and one that is left out names the same role
        hidden,        ///< the entry is not in the table: an earlier source has one for the same callers
    };
    Origin origin;
    std::string message;
    Kind kind = Kind::left_out;
};

/// The compiled mapping of one generation: immutable, shared by pointer, safe to read from any thread. An entry of one
/// ARN or user id is found in constant time, one for many roles in time that the length of a role's name bounds. The
/// outcome depends on the order written, never on a hash table's:
/// - ARNs are compared as canonical ARNs without regard to letter case, user ids letter by letter;
/// - the earlier source wins over the later one; within a source, entries of one ARN win over those for many roles,
///   roles over users, and of two entries of one list for the same ARN the later one wins;
/// - of entries for many roles (patterns, permission sets) of a source the one of the longest literal prefix wins, then
///   the later one; what is beyond PatternIndex::max_per_prefix is left out;
/// - two entries of one list whose ARNs differ in the role's path alone name one role: the later one is left out;
/// - an entry of the caller's user id that wants another ARN admits nobody; later sources and account rules may;
/// - a template that fails and a reserved username are final: no other entry or source is asked.
class Table {
public:
    Table();
    ~Table();
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    /// Sources in chain order. Entries that cannot be compiled are left out and named in `warnings`.
    [[nodiscard]] static std::shared_ptr<const Table> build(
        std::vector<SourceRules> sources,
        const TableOptions& options,
        std::vector<TableWarning>& warnings,
        std::uint64_t generation = 0
    );
    /// The same without a copy of the sources, none of which is null.
    [[nodiscard]] static std::shared_ptr<const Table> build(
        std::span<const std::shared_ptr<const SourceRules>> sources,
        const TableOptions& options,
        std::vector<TableWarning>& warnings,
        std::uint64_t generation = 0
    );

    /// `names` answers {{EC2PrivateDNSName}}; without it such a template fails.
    /// Errors: not_mapped, id_mismatch, reserved_username, template_failed, empty_username.
    [[nodiscard]] Result<KubernetesUser> map(const sts::CallerIdentity& identity, const NodeNames* names = nullptr)
        const;

    [[nodiscard]] std::uint64_t generation() const noexcept;
    /// Whether a template asks for {{EC2PrivateDNSName}}.
    [[nodiscard]] bool asks_node_names() const noexcept;
    [[nodiscard]] std::size_t entries() const noexcept;  ///< roles, users, patterns and accounts in force, together

private:
    struct Compiled;
    class Builder;
    std::unique_ptr<Compiled> compiled_;
};

}  // namespace arngate::mapping
