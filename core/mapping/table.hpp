#pragma once

#include "core/base/result.hpp"
#include "core/mapping/rule.hpp"
#include "core/sts/caller_identity.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::mapping {

/// Who the caller is in Kubernetes.
struct KubernetesUser {
    std::string username;
    std::vector<std::string> groups;
    bool operator==(const KubernetesUser&) const = default;
};

enum class AccountOrder : std::uint8_t {
    after_all,  ///< account rules of all sources come after the explicit entries of all sources
    in_chain,   ///< each source's account rules come right after its own entries, as the Go server has it
};

struct TableOptions {
    AccountOrder accounts = AccountOrder::after_all;
    bool strip_role_paths = true;  ///< a configured role ARN may carry its path
};

/// Something about an entry that its author should know; the table is built all the same.
struct TableWarning {
    Origin origin;
    std::string message;
};

/// The compiled mapping of one generation: immutable, shared by pointer, safe to read from any thread. Exact ARNs are
/// found in constant time. The outcome depends on the order written, never on a hash table's.
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

    /// Errors: not_mapped, reserved_username, template_failed, empty_username.
    [[nodiscard]] Result<KubernetesUser> map(const sts::CallerIdentity& identity) const;

    [[nodiscard]] std::uint64_t generation() const noexcept;
    [[nodiscard]] std::size_t entries() const noexcept;  ///< roles, users and accounts together

private:
    struct Compiled;
    std::unique_ptr<Compiled> compiled_;
};

}  // namespace arngate::mapping
