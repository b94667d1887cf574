#include "config/check/diff.hpp"

#include "config/check/resolver.hpp"
#include "config/check/table_options.hpp"
#include "core/mapping/reserved_prefix.hpp"
#include "core/mapping/username_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace arngate::config::check {
namespace {

/// Which callers to resolve for a subject. Sorted by subject.
using Subjects = std::map<std::string, sts::CallerIdentity>;

class ResolvedSide {
public:
    explicit ResolvedSide(const Side& side) : side_(side), resolver_(pointers(side), side.options) {}

    void add_subjects(Subjects& subjects) const {
        const bool strip = side_.options.strip_role_paths;
        for (const EntryRef& entry : resolver_.entries()) {
            std::vector<sts::CallerIdentity> callers = callers_of(entry, strip);
            if (!callers.empty())
                subjects.try_emplace(subject_of(entry, strip), std::move(callers.back()));
        }
        for (const mapping::SourceRules& source : side_.sources) {
            for (const std::string& account : source.accounts)
                subjects.try_emplace("account " + account, caller_of_account(account));
        }
    }

    [[nodiscard]] std::optional<Effect> effect_on(const sts::CallerIdentity& caller) const {
        const auto decision = resolver_.decide(caller);
        switch (decision.kind) {
            case Resolver::Decision::Kind::nobody:
                return std::nullopt;
            case Resolver::Decision::Kind::account:
                return Effect{"the canonical ARN", {}};
            case Resolver::Decision::Kind::entry:
                break;
        }
        const mapping::Rule& rule = *decision.entry.rule;
        if (rule.username.empty() || is_reserved(decision.entry))
            return std::nullopt;
        Effect effect{rule.username, rule.groups};
        std::ranges::sort(effect.groups);
        const auto repeated = std::ranges::unique(effect.groups);
        effect.groups.erase(repeated.begin(), repeated.end());
        return effect;
    }

private:
    static std::vector<const mapping::SourceRules*> pointers(const Side& side) {
        std::vector<const mapping::SourceRules*> sources;
        sources.reserve(side.sources.size());
        for (const mapping::SourceRules& source : side.sources)
            sources.push_back(&source);
        return sources;
    }

    [[nodiscard]] static bool is_reserved(const EntryRef& entry) {
        const mapping::UsernameTemplate username(entry.rule->username);
        const auto pieces = username.pieces();
        return !pieces.empty() && mapping::has_reserved_prefix(pieces.front().literal, entry.source->reserved_prefixes);
    }

    const Side& side_;
    Resolver resolver_;
};

}  // namespace

ChangeKind kind_of(const Change& change) noexcept {
    if (!change.before)
        return ChangeKind::gained;
    return change.after ? ChangeKind::changed : ChangeKind::lost;
}

std::string_view change_name(ChangeKind kind) noexcept {
    switch (kind) {
        case ChangeKind::gained:
            return "gained";
        case ChangeKind::lost:
            return "lost";
        case ChangeKind::changed:
            break;
    }
    return "changed";
}

Side side_of(Reading reading, Profile default_profile) {
    return {std::move(reading.sources), table_options(reading.settings, default_profile)};
}

std::vector<Change> changes_between(const Side& before, const Side& after) {
    const ResolvedSide old_side(before);
    const ResolvedSide new_side(after);
    Subjects subjects;
    old_side.add_subjects(subjects);
    new_side.add_subjects(subjects);
    std::vector<Change> changes;
    for (const auto& [subject, caller] : subjects) {
        Change change{subject, old_side.effect_on(caller), new_side.effect_on(caller)};
        if (change.before != change.after)
            changes.push_back(std::move(change));
    }
    return changes;
}

}  // namespace arngate::config::check
