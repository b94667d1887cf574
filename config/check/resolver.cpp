#include "config/check/resolver.hpp"

#include "core/aws/arn.hpp"
#include "core/base/text.hpp"
#include "core/mapping/role_pattern.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace arngate::config::check {
namespace {

/// A name that nobody gives a role, so that only a wildcard matches it.
constexpr std::string_view unusual_name = "q7zk3w9v5t";

std::string key_of_arn(std::string_view arn, bool strip_role_paths) {
    auto canonical = aws::canonicalize(text::to_lower(arn));
    if (!canonical)
        return {};
    if (strip_role_paths) {
        if (auto stripped = aws::strip_role_path(canonical->text))
            return *std::move(stripped);
    }
    return std::move(canonical->text);
}

sts::CallerIdentity caller_of_key(std::string key) {
    sts::CallerIdentity caller;
    const auto sections = text::split(key, ':');
    if (sections.size() > 4)
        caller.account_id = sections[4];
    caller.arn = key;
    caller.canonical_arn = key;
    caller.mapping_key = std::move(key);
    return caller;
}

std::string filled(std::string_view pattern, std::string_view filler) {
    std::string out;
    for (const char c : pattern) {
        if (c == '*')
            out += filler;
        else
            out += c == '?' ? 'q' : c;
    }
    return out;
}

}  // namespace

Resolver::Resolver(std::span<const mapping::SourceRules* const> sources, const mapping::TableOptions& options) {
    std::vector<mapping::SourceRules> numbered;
    numbered.reserve(sources.size());
    for (const mapping::SourceRules* source : sources) {
        mapping::SourceRules& copy = numbered.emplace_back();
        copy.source = source->source;
        copy.accounts = source->accounts;
        copy.match = source->match;
        const auto number = [&](const std::vector<mapping::Rule>& rules, std::vector<mapping::Rule>& out) {
            out = rules;
            for (std::size_t i = 0; i < rules.size(); ++i) {
                out[i].username = fmt::format("#{}", entries_.size());
                out[i].groups.clear();
                entries_.push_back({source, &rules[i]});
            }
        };
        number(source->roles, copy.roles);
        number(source->users, copy.users);
    }
    table_ = mapping::Table::build(std::move(numbered), options, warnings_);
}

Resolver::Decision Resolver::decide(const sts::CallerIdentity& caller) const {
    const auto user = table_->map(caller);
    if (!user)
        return {};
    const std::string& name = user->username;
    if (!name.starts_with('#'))
        return {Decision::Kind::account, {}};
    std::size_t number = 0;
    std::from_chars(name.data() + 1, name.data() + name.size(), number);
    return {Decision::Kind::entry, entries_.at(number)};
}

std::vector<sts::CallerIdentity> callers_of(const EntryRef& entry, bool strip_role_paths) {
    std::vector<sts::CallerIdentity> callers;
    const mapping::Rule& rule = *entry.rule;
    if (entry.source->match == mapping::MatchBy::user_id) {
        sts::CallerIdentity caller = caller_of_key(rule.arn.empty() ? std::string() : key_of_arn(rule.arn, true));
        caller.user_id = rule.user_id;
        callers.push_back(std::move(caller));
        return callers;
    }
    if (!rule.arn.empty()) {
        if (std::string key = key_of_arn(rule.arn, strip_role_paths); !key.empty())
            callers.push_back(caller_of_key(std::move(key)));
        return callers;
    }
    const bool is_set = !rule.sso.empty();
    const auto pattern =
        is_set ? mapping::RolePattern::of(rule.sso.front()) : mapping::RolePattern::parse(rule.arn_like);
    if (!pattern)
        return callers;
    const auto fillers = is_set ? std::array<std::string_view, 3>{"0", "0123456789abcdef", unusual_name}
                                : std::array<std::string_view, 3>{"", "x", unusual_name};
    callers.reserve(fillers.size());
    for (const std::string_view filler : fillers)
        callers.push_back(
            caller_of_key(is_set ? pattern->text() + std::string(filler) : filled(pattern->text(), filler))
        );
    return callers;
}

sts::CallerIdentity caller_of_account(std::string_view account_id) {
    sts::CallerIdentity caller = caller_of_key(fmt::format("arn:aws:iam::{}:role/{}", account_id, unusual_name));
    caller.account_id = account_id;
    return caller;
}

std::string subject_of(const EntryRef& entry, bool strip_role_paths) {
    const mapping::Rule& rule = *entry.rule;
    if (entry.source->match == mapping::MatchBy::user_id)
        return fmt::format("user id {}", rule.user_id);
    if (!rule.sso.empty()) {
        const mapping::SsoRole& sso = rule.sso.front();
        return fmt::format(
            "permission set {} of account {} in {}",
            text::to_lower(sso.permission_set_name),
            sso.account_id,
            sso.partition
        );
    }
    if (!rule.arn_like.empty())
        return fmt::format("roles like {}", text::to_lower(rule.arn_like));
    std::string key = key_of_arn(rule.arn, strip_role_paths);
    return key.empty() ? rule.arn : key;
}

}  // namespace arngate::config::check
