#include "core/mapping/compiled.hpp"

#include "core/aws/arn.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace arngate::mapping {
namespace {

std::string place(const Origin& origin) {
    if (origin.line == 0) {
        return origin.file.empty() ? std::string("an entry of unknown place") : origin.file;
    }
    return fmt::format("{}:{}:{}", origin.file, origin.line, origin.column);
}

}  // namespace

void Table::Builder::reserve(std::size_t sources, std::size_t callers, std::size_t accounts) {
    has_chain_ = sources > 1;
    out_.callers.reserve(callers);
    interned_.reserve(callers);
    out_.templates.reserve(callers);
    out_.accounts.reserve(accounts);
}

void Table::Builder::add(const SourceRules& source) {
    const auto index = static_cast<std::uint32_t>(out_.sources.size());
    if (source.match == MatchBy::user_id) {
        add_by_id(source, index);
    } else {
        Roles roles;
        add_roles(source, index, roles);
        add_users(source, index, roles);
        add_patterns(source.roles, index);
    }
    add_accounts(source.accounts, source.source, index);
    out_.sources.push_back({source.source, source.reserved_prefixes, source.break_glass});
}

void Table::Builder::finish() {
    out_.patterns.freeze();
    out_.pattern_entries.shrink_to_fit();
    out_.templates.shrink_to_fit();
    out_.groups.shrink_to_fit();
}

void Table::Builder::add_roles(const SourceRules& source, std::uint32_t index, Roles& roles) {
    for (const Candidate& candidate : candidates(source.roles, source.match)) {
        const std::string_view key = add_caller(candidate, index);
        if (!source.users.empty()) {
            roles.emplace(key, candidate.rule);
        }
    }
}

void Table::Builder::add_users(const SourceRules& source, std::uint32_t index, const Roles& roles) {
    for (const Rule& rule : source.users) {
        if (!rule.sso.empty() || !rule.arn_like.empty()) {
            warn(rule.origin, "the entry is left out: only an entry of roles can stand for many of them");
        }
    }
    for (const Candidate& candidate : candidates(source.users, source.match)) {
        if (const auto role = roles.find(std::string_view(candidate.key)); role != roles.end()) {
            warn_of_replaced(*candidate.rule, *role->second, "the same ARN among the roles");
        } else {
            add_caller(candidate, index);
        }
    }
}

std::string_view Table::Builder::add_caller(const Candidate& candidate, std::uint32_t source) {
    auto found = out_.callers.find(std::string_view(candidate.key));
    if (found == out_.callers.end()) {
        found = out_.callers.emplace(keep(candidate.key), compile(*candidate.rule, source)).first;
        if (has_chain_) {
            caller_rules_.emplace(found->first, candidate.rule);
        }
    } else if (const auto first = caller_rules_.find(found->first); first != caller_rules_.end()) {
        warn_of_hidden(*candidate.rule, *first->second, "the same ARN");
    }
    return found->first;
}

std::vector<Table::Builder::Candidate> Table::Builder::candidates(const std::vector<Rule>& rules, MatchBy match) {
    std::vector<Candidate> kept;
    kept.reserve(rules.size());  // views of its keys stand in by_key: it must not move
    boost::unordered_flat_map<std::string_view, std::size_t> by_key;
    by_key.reserve(rules.size());
    for (const Rule& rule : rules) {
        Candidate candidate{&rule, {}, false, {}};
        if (!read(rule, match, candidate)) {
            continue;
        }
        const auto found = by_key.find(std::string_view(candidate.key));
        if (found == by_key.end()) {
            kept.push_back(std::move(candidate));
            by_key.emplace(std::string_view(kept.back().key), kept.size() - 1);
            continue;
        }
        Candidate& other = kept[found->second];
        if (other.had_path == candidate.had_path && other.written == candidate.written) {
            warn_of_replaced(*other.rule, rule, "the same ARN");
            other.rule = &rule;
        } else {
            // Role names are unique in an account whatever their path, so one of the two ARNs names no role. Which one
            // cannot be known here.
            warn(
                rule.origin,
                fmt::format(
                    "this entry is left out: without its path the role is the one of the entry at {}",
                    place(other.rule->origin)
                )
            );
            warn(
                other.rule->origin,
                fmt::format("without its path this role is also named at {}, which is left out", place(rule.origin)),
                TableWarning::Kind::is_ambiguous
            );
        }
    }
    return kept;
}

bool Table::Builder::read(const Rule& rule, MatchBy match, Candidate& candidate) {
    if (!rule.sso.empty() || !rule.arn_like.empty()) {
        return false;  // one of add_patterns
    }
    if (rule.arn.empty()) {
        warn(rule.origin, "the entry has no ARN and is left out");
        return false;
    }
    // Letter case is folded first: an ARN that an operator wrote in capitals names the same principal.
    auto canonical = aws::canonicalize(text::to_lower(rule.arn));
    if (!canonical) {
        warn(rule.origin, fmt::format("the entry is left out: {}", aws::describe(canonical.error())));
        return false;
    }
    if (match == MatchBy::written_arn && canonical->kind == aws::PrincipalKind::assumed_role) {
        warn(rule.origin, "the entry is left out: nobody has an assumed role's ARN; name the role's own");
        return false;
    }
    candidate.key = std::move(canonical->text);
    if (options_.strip_role_paths && aws::has_role_path(candidate.key)) {
        if (auto stripped = aws::strip_role_path(candidate.key)) {
            candidate.had_path = true;
            candidate.written = std::exchange(candidate.key, *std::move(stripped));
        }
    }
    return true;
}

void Table::Builder::add_accounts(
    const std::vector<std::string>& accounts, const std::string& name, std::uint32_t source
) {
    for (const std::string& account : accounts) {
        if (account.empty()) {
            warn({name, 0, 0}, "an empty account id is left out");
        } else if (!out_.accounts.contains(std::string_view(account))) {
            out_.accounts.emplace(keep(account), source);
        }
    }
}

Table::Compiled::Entry Table::Builder::compile(const Rule& rule, std::uint32_t source) {
    Compiled::Entry entry;
    entry.source = source;
    entry.username = intern(rule.username);
    entry.first_group = static_cast<std::uint32_t>(out_.groups.size());
    entry.group_count = static_cast<std::uint32_t>(rule.groups.size());
    for (const std::string& group : rule.groups) {
        out_.groups.push_back(intern(group));
    }
    return entry;
}

std::uint32_t Table::Builder::intern(std::string_view text) {
    const auto [found, is_new] = interned_.try_emplace(text, static_cast<std::uint32_t>(out_.templates.size()));
    if (is_new) {
        out_.templates.emplace_back(text);
    }
    return found->second;
}

std::string_view Table::Builder::keep(std::string_view key) {
    char* bytes = static_cast<char*>(out_.key_bytes.allocate(key.size(), 1));
    std::ranges::copy(key, bytes);
    return {bytes, key.size()};
}

void Table::Builder::warn_of_replaced(const Rule& replaced, const Rule& by, std::string_view same) {
    warn(
        by.origin,
        fmt::format("this entry replaces the one for {} at {}", same, place(replaced.origin)),
        TableWarning::Kind::replaces
    );
    warn(
        replaced.origin,
        fmt::format("this entry is replaced by the one for {} at {}", same, place(by.origin)),
        TableWarning::Kind::replaced
    );
}

void Table::Builder::warn_of_hidden(const Rule& hidden, const Rule& by, std::string_view same) {
    warn(
        hidden.origin,
        fmt::format("this entry is never used: an earlier source has one for {}, at {}", same, place(by.origin)),
        TableWarning::Kind::hidden
    );
}

void Table::Builder::warn(const Origin& origin, std::string message, TableWarning::Kind kind) {
    warnings_.push_back({origin, std::move(message), kind});
}

}  // namespace arngate::mapping
