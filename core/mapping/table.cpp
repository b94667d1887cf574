#include "core/mapping/table.hpp"

#include "core/mapping/compiled.hpp"
#include "core/mapping/reserved_prefix.hpp"

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
    auto table = std::make_shared<Table>();
    Compiled& compiled = *table->compiled_;
    compiled.account_order = options.accounts;
    compiled.reserve_account_names =
        options.reserve_account_names.value_or(options.accounts == AccountOrder::after_all);
    compiled.generation = generation;
    Builder builder(compiled, options, warnings);
    builder.reserve(sources);
    for (SourceRules& source : sources) {
        builder.add(std::move(source));
    }
    compiled.templates.shrink_to_fit();
    compiled.groups.shrink_to_fit();
    return table;
}

Result<KubernetesUser> Table::map(const sts::CallerIdentity& identity, const NodeNames* names) const {
    const Compiled& compiled = *compiled_;
    const auto caller = compiled.callers.find(std::string_view(identity.mapping_key));
    const auto account = compiled.accounts.find(std::string_view(identity.account_id));
    const bool has_entry = caller != compiled.callers.end();
    const bool has_account = account != compiled.accounts.end();

    // The account rule of an earlier source comes before the entry of a later one only in the chain's own order.
    const bool account_first = has_entry && has_account && compiled.account_order == AccountOrder::in_chain &&
                               account->second < caller->second.source;
    if (has_entry && !account_first) {
        const Compiled::Entry& entry = caller->second;
        const Compiled::Source& source = compiled.sources[entry.source];
        Result<std::string> username = compiled.templates[entry.username].render(identity, names);
        if (!username) {
            return std::unexpected(std::move(username.error()));
        }
        KubernetesUser user{*std::move(username), {}};
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
        return admit(KubernetesUser{identity.canonical_arn, {}}, source.name, reserved);
    }
    return fail(Reason::not_mapped, "no mapping source has an entry for the caller");
}

std::uint64_t Table::generation() const noexcept {
    return compiled_->generation;
}

std::size_t Table::entries() const noexcept {
    return compiled_->callers.size() + compiled_->accounts.size();
}

}  // namespace arngate::mapping
