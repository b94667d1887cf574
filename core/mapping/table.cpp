#include "core/mapping/table.hpp"

#include "core/mapping/compiled.hpp"
#include "core/mapping/reserved_prefix.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace arngate::mapping {
namespace {

Result<KubernetesUser> admit(
    KubernetesUser user, const std::string& source, std::span<const std::string> reserved_prefixes
) {
    if (user.username.empty()) {
        return fail(Reason::empty_username, "the entry of " + source + " gives an empty username");
    }
    if (has_reserved_prefix(user.username, reserved_prefixes)) {
        return fail(Reason::reserved_username, "the username begins with a prefix that is reserved in " + source);
    }
    return user;
}

}  // namespace

Table::Table() : compiled_(std::make_unique<Compiled>()) {}
Table::~Table() = default;

std::shared_ptr<const Table> Table::build(
    std::vector<SourceRules> sources,
    const TableOptions& options,
    std::vector<TableWarning>& warnings,
    std::uint64_t generation
) {
    std::vector<std::shared_ptr<const SourceRules>> kept;
    kept.reserve(sources.size());
    for (SourceRules& source : sources) {
        kept.push_back(std::make_shared<const SourceRules>(std::move(source)));
    }
    return build(kept, options, warnings, generation);
}

std::shared_ptr<const Table> Table::build(
    std::span<const std::shared_ptr<const SourceRules>> sources,
    const TableOptions& options,
    std::vector<TableWarning>& warnings,
    std::uint64_t generation
) {
    auto table = std::make_shared<Table>();
    Compiled& compiled = *table->compiled_;
    compiled.account_order = options.accounts;
    compiled.reserve_account_names =
        options.reserve_account_names.value_or(options.accounts == AccountOrder::after_all);
    compiled.generation = generation;
    Builder builder(compiled, options, warnings);
    std::size_t callers = 0;
    std::size_t accounts = 0;
    for (const auto& source : sources) {
        callers += source->roles.size() + source->users.size();
        accounts += source->accounts.size();
    }
    builder.reserve(sources.size(), callers, accounts);
    for (const auto& source : sources) {
        builder.add(*source);
    }
    builder.finish();
    return table;
}

Table::Compiled::Match Table::Compiled::match(const sts::CallerIdentity& identity) const noexcept {
    Match best;
    auto limit = static_cast<std::uint32_t>(sources.size());  // sources from here on are not asked
    if (const auto exact = callers.find(std::string_view(identity.mapping_key)); exact != callers.end()) {
        best.entry = &exact->second;
        limit = exact->second.source;
    }
    if (const auto pattern = patterns.find(identity.mapping_key, limit)) {
        best.entry = &pattern_entries[pattern->rule];
        limit = pattern->source;
    }
    for (const IdSource& each : by_id) {
        if (each.source >= limit) {
            break;
        }
        const auto found = each.entries.find(std::string_view(identity.user_id));
        if (found == each.entries.end()) {
            continue;
        }
        if (found->second.wants_arn && (found->second.arn.empty() || found->second.arn != identity.mapping_key)) {
            best.id_mismatch = true;
            continue;
        }
        best.entry = &found->second.entry;
        break;
    }
    return best;
}

Result<KubernetesUser> Table::map(const sts::CallerIdentity& identity, const NodeNames* names) const {
    const Compiled& compiled = *compiled_;
    const Compiled::Match match = compiled.match(identity);
    const auto account = compiled.accounts.find(std::string_view(identity.account_id));
    const bool has_account = account != compiled.accounts.end();

    // The account rule of an earlier source comes before the entry of a later one only in the chain's own order.
    const bool account_first = match.entry != nullptr && has_account &&
                               compiled.account_order == AccountOrder::in_chain &&
                               account->second < match.entry->source;
    if (match.entry != nullptr && !account_first) {
        const Compiled::Entry& entry = *match.entry;
        const Compiled::Source& source = compiled.sources[entry.source];
        Result<std::string> username = compiled.templates[entry.username].render(identity, names);
        if (!username) {
            return std::unexpected(std::move(username.error()));
        }
        KubernetesUser user{*std::move(username), {}, source.break_glass};
        user.groups.reserve(entry.group_count);
        for (const std::uint32_t group : std::span(compiled.groups).subspan(entry.first_group, entry.group_count)) {
            Result<std::string> rendered = compiled.templates[group].render(identity, names);
            if (!rendered) {
                return std::unexpected(std::move(rendered.error()));
            }
            user.groups.push_back(*std::move(rendered));
        }
        return admit(std::move(user), source.name, source.reserved_prefixes);
    }
    if (has_account) {
        const Compiled::Source& source = compiled.sources[account->second];
        std::span<const std::string> reserved;
        if (compiled.reserve_account_names) {
            reserved = source.reserved_prefixes;
        }
        return admit(KubernetesUser{identity.canonical_arn, {}, source.break_glass}, source.name, reserved);
    }
    if (match.id_mismatch) {
        return fail(Reason::id_mismatch, "the entry of the caller's user id is for another ARN");
    }
    return fail(Reason::not_mapped, "no mapping source has an entry for the caller");
}

std::uint64_t Table::generation() const noexcept {
    return compiled_->generation;
}

bool Table::asks_node_names() const noexcept {
    return std::ranges::any_of(compiled_->templates, &UsernameTemplate::asks_node_name);
}

std::size_t Table::entries() const noexcept {
    std::size_t entries = compiled_->callers.size() + compiled_->patterns.size() + compiled_->accounts.size();
    for (const Compiled::IdSource& each : compiled_->by_id) {
        entries += each.entries.size();
    }
    return entries;
}

}  // namespace arngate::mapping
