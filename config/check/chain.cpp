#include "config/check/chain.hpp"

#include "config/check/problem_finding.hpp"
#include "config/check/resolver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace arngate::config::check {
namespace {

using Kind = mapping::TableWarning::Kind;
using Spot = std::tuple<std::string_view, int, int>;

Spot spot_of(const mapping::Origin& origin) {
    return {origin.file, origin.line, origin.column};
}

std::string place_of(const mapping::Origin& origin) {
    return fmt::format("{}:{}", origin.file, origin.line);
}

class ChainFinder {
public:
    ChainFinder(
        std::span<const mapping::SourceRules* const> sources,
        const mapping::TableOptions& options,
        std::vector<Finding>& findings
    )
        : resolver_(sources, options), strip_role_paths_(options.strip_role_paths), findings_(findings) {}

    void run() {
        take_warnings();
        for (const EntryRef& entry : resolver_.entries()) {
            if (!out_of_force_.contains(spot_of(entry.rule->origin)))
                look_at(entry);
        }
    }

private:
    void add(
        std::string_view rule, const mapping::Origin& at, std::string message, const mapping::Origin* other = nullptr
    ) {
        Finding finding = make_finding(rule, at.file, {at.line, at.column}, std::move(message));
        if (other != nullptr)
            finding.other = *other;
        findings_.push_back(std::move(finding));
    }

    void take_warnings() {
        const auto& warnings = resolver_.warnings();
        for (std::size_t i = 0; i < warnings.size(); ++i) {
            const mapping::TableWarning& warning = warnings[i];
            if (warning.origin.line == 0)
                continue;  // of an account id, which its reader has named
            if (warning.kind == Kind::left_out) {
                add("rejected-entry", warning.origin, warning.message);
                out_of_force_.insert(spot_of(warning.origin));
            } else if (warning.kind == Kind::replaces && i + 1 < warnings.size()) {
                const mapping::Origin& other = warnings[i + 1].origin;
                out_of_force_.insert(spot_of(other));
                duplicates_.emplace_back(warning.origin, other);
            }
        }
        std::map<Spot, std::pair<const mapping::SourceRules*, bool>> lists;
        if (!duplicates_.empty()) {
            for (const EntryRef& entry : resolver_.entries()) {
                const auto& roles = entry.source->roles;
                const bool is_role = !roles.empty() && entry.rule >= &roles.front() && entry.rule <= &roles.back();
                lists.emplace(spot_of(entry.rule->origin), std::pair(entry.source, is_role));
            }
        }
        for (const auto& [by, replaced] : duplicates_) {
            // Inside one list of the configuration file its reader has named them, at the ARN itself.
            const auto list = lists.at(spot_of(by));
            if (list.first->source == "MountedFile" && list == lists.at(spot_of(replaced)))
                continue;
            add("duplicate",
                by,
                fmt::format(
                    "the entry is for the same identity as the one at {}, which is not used", place_of(replaced)
                ),
                &replaced);
        }
    }

    void look_at(const EntryRef& entry) {
        const mapping::Rule* winner = nullptr;
        for (const sts::CallerIdentity& caller : callers_of(entry, strip_role_paths_)) {
            const auto decision = resolver_.decide(caller);
            if (decision.kind == Resolver::Decision::Kind::account) {
                add("shadowed", entry.rule->origin, "an account rule of an earlier source comes before the entry");
                return;
            }
            if (decision.kind != Resolver::Decision::Kind::entry || decision.entry.rule == entry.rule)
                return;
            winner = decision.entry.rule;
        }
        if (winner != nullptr) {
            add("shadowed",
                entry.rule->origin,
                fmt::format("the entry is never used: the one at {} comes first", place_of(winner->origin)),
                &winner->origin);
        }
    }

    Resolver resolver_;
    bool strip_role_paths_;
    std::vector<Finding>& findings_;
    std::set<Spot> out_of_force_;
    std::vector<std::pair<mapping::Origin, mapping::Origin>> duplicates_;
};

}  // namespace

void find_in_chain(
    std::span<const mapping::SourceRules* const> sources,
    const mapping::TableOptions& options,
    std::vector<Finding>& findings
) {
    ChainFinder(sources, options, findings).run();
}

}  // namespace arngate::config::check
