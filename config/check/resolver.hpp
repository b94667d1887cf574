#pragma once

#include "core/mapping/rule.hpp"
#include "core/mapping/table.hpp"
#include "core/sts/caller_identity.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::config::check {

/// An entry of the sources.
struct EntryRef {
    const mapping::SourceRules* source = nullptr;
    const mapping::Rule* rule = nullptr;
};

/// Says which entry decides about a caller, by the server's own table. Keeps pointers into the sources.
class Resolver {
public:
    struct Decision {
        enum class Kind : std::uint8_t { nobody, entry, account };
        Kind kind = Kind::nobody;
        EntryRef entry;  ///< of Kind::entry
    };

    /// Sources in chain order.
    Resolver(std::span<const mapping::SourceRules* const> sources, const mapping::TableOptions& options);

    [[nodiscard]] Decision decide(const sts::CallerIdentity& caller) const;
    /// What the table said about entries when it was built.
    [[nodiscard]] const std::vector<mapping::TableWarning>& warnings() const noexcept { return warnings_; }
    [[nodiscard]] const std::vector<EntryRef>& entries() const noexcept { return entries_; }

private:
    std::vector<EntryRef> entries_;
    std::vector<mapping::TableWarning> warnings_;
    std::shared_ptr<const mapping::Table> table_;
};

/// Callers that an entry is for: the one of its ARN or user id, or, of an entry for many roles, a few that are unlike
/// each other, the most unusual last. None of an entry that cannot be compiled.
[[nodiscard]] std::vector<sts::CallerIdentity> callers_of(const EntryRef& entry, bool strip_role_paths);
/// A role of the account that no entry names.
[[nodiscard]] sts::CallerIdentity caller_of_account(std::string_view account_id);
/// Whom the entry is for, in a form that is the same for two entries that are for the same callers.
[[nodiscard]] std::string subject_of(const EntryRef& entry, bool strip_role_paths);

}  // namespace arngate::config::check
