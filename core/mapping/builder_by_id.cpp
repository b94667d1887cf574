#include "core/mapping/compiled.hpp"

#include "core/aws/arn.hpp"
#include "core/base/text.hpp"

#include <utility>

namespace arngate::mapping {

void Table::Builder::add_by_id(const SourceRules& source, std::uint32_t index) {
    Compiled::IdSource compiled;
    compiled.source = index;
    boost::unordered_flat_map<std::string_view, const Rule*> roles;
    for (const std::vector<Rule>* list : {&source.roles, &source.users}) {
        boost::unordered_flat_map<std::string_view, const Rule*> kept;
        for (const Rule& rule : *list) {
            if (rule.user_id.empty()) {
                warn(rule.origin, "the entry has no user id and is left out");
                continue;
            }
            const auto [found, is_new] = kept.try_emplace(rule.user_id, &rule);
            if (!is_new) {
                warn_of_replaced(*found->second, rule, "the same user id");
                found->second = &rule;
            }
        }
        // In the order written, so that warnings and templates come out the same whatever the hash.
        for (const Rule& rule : *list) {
            const auto winner = kept.find(std::string_view(rule.user_id));
            if (winner == kept.end() || winner->second != &rule) {
                continue;
            }
            if (const auto role = roles.find(std::string_view(rule.user_id)); role != roles.end()) {
                warn_of_replaced(rule, *role->second, "the same user id among the roles");
                continue;
            }
            compiled.entries.emplace(keep(rule.user_id), read_by_id(rule, index));
        }
        roles = std::move(kept);
    }
    out_.by_id.push_back(std::move(compiled));
}

Table::Compiled::IdEntry Table::Builder::read_by_id(const Rule& rule, std::uint32_t source) {
    Compiled::IdEntry out;
    out.entry = compile(rule, source);
    out.wants_arn = !rule.arn.empty();
    if (out.wants_arn) {
        // STS reports no path of a role. An assumed role's ARN stays as it is: it is nobody's.
        if (auto arn = aws::strip_role_path(rule.arn)) {
            out.arn = keep(text::to_lower(*arn));
        } else {
            warn(rule.origin, "the entry admits nobody: its ARN is none, and the caller's cannot be the same");
        }
    }
    return out;
}

}  // namespace arngate::mapping
