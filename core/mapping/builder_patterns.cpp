#include "core/mapping/compiled.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace arngate::mapping {
namespace {

struct Written {
    const Rule* rule;
    RolePattern pattern;
};

}  // namespace

void Table::Builder::add_patterns(const std::vector<Rule>& rules, std::uint32_t source) {
    std::vector<std::optional<Written>> kept;
    boost::unordered_flat_map<std::string, std::size_t> by_text;
    for (const Rule& rule : rules) {
        if (rule.sso.empty() && rule.arn_like.empty()) {
            continue;
        }
        if (rule.sso.size() + (rule.arn_like.empty() ? 0 : 1) + (rule.arn.empty() ? 0 : 1) != 1) {
            warn(rule.origin, "the entry is left out: it names its roles in more than one way");
            continue;
        }
        auto pattern = rule.sso.empty() ? RolePattern::parse(rule.arn_like) : RolePattern::of(rule.sso.front());
        if (!pattern) {
            warn(rule.origin, fmt::format("the entry is left out: {}", describe(pattern.error())));
            continue;
        }
        const auto [found, is_new] = by_text.try_emplace(pattern->text(), kept.size());
        if (!is_new) {
            // The later one stands where it was written: its place decides between patterns of one literal prefix.
            warn_of_replaced(*kept[found->second]->rule, rule, "the same roles");
            kept[found->second].reset();
            found->second = kept.size();
        }
        kept.emplace_back(Written{&rule, *std::move(pattern)});
    }
    for (std::optional<Written>& each : kept) {
        if (!each) {
            continue;
        }
        if (const auto first = pattern_rules_.find(each->pattern.text()); first != pattern_rules_.end()) {
            warn_of_hidden(*each->rule, *first->second, "the same roles");
            continue;
        }
        const std::string text = has_chain_ ? each->pattern.text() : std::string();
        const auto entry = static_cast<std::uint32_t>(out_.pattern_entries.size());
        if (out_.patterns.add(std::move(each->pattern), source, entry)) {
            out_.pattern_entries.push_back(compile(*each->rule, source));
            if (has_chain_) {
                pattern_rules_.emplace(text, each->rule);
            }
        } else {
            warn(
                each->rule->origin,
                fmt::format(
                    "the entry is left out: {} other patterns begin with the same letters up to the first wildcard",
                    PatternIndex::max_per_prefix
                )
            );
        }
    }
}

}  // namespace arngate::mapping
