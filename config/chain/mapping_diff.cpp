#include "config/chain/mapping_diff.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace arngate::config {
namespace {

using mapping::Rule;
using mapping::SsoRole;

bool same(const SsoRole& a, const SsoRole& b) noexcept {
    return a.permission_set_name == b.permission_set_name && a.account_id == b.account_id && a.partition == b.partition;
}

bool same(const Rule& a, const Rule& b) noexcept {
    return a.arn == b.arn && a.username == b.username && a.groups == b.groups && a.user_id == b.user_id &&
           a.arn_like == b.arn_like &&
           std::ranges::equal(a.sso, b.sso, [](const SsoRole& x, const SsoRole& y) { return same(x, y); });
}

bool same(const std::string& a, const std::string& b) noexcept {
    return a == b;
}

/// Whom a rule is for: what stays the same when the rest of an entry is edited.
std::string name_of(const Rule& rule) {
    if (!rule.sso.empty()) {
        const SsoRole& sso = rule.sso.front();
        return fmt::format("sso {}/{}/{}", sso.partition, sso.account_id, sso.permission_set_name);
    }
    if (!rule.arn_like.empty()) {
        return rule.arn_like;
    }
    return rule.arn.empty() ? "user id " + rule.user_id : text::to_lower(rule.arn);
}

std::string name_of(const std::string& account) {
    return "account " + account;
}

/// Whether the account of an entry is unknown, so that it may be one that is kept out of logs.
bool account_is_unknown(const Rule& rule) noexcept {
    return rule.arn.empty() && rule.arn_like.empty() && rule.sso.empty();
}

bool account_is_unknown(const std::string& /*account*/) noexcept {
    return false;
}

/// How far apart the two sides may be where they are alike again.
constexpr std::size_t window = 4;

/// How many items of either side to pass over until the first of the rest are alike; both fronts differ.
template <class Item>
std::pair<std::size_t, std::size_t> find_alike(std::span<const Item> before, std::span<const Item> after) {
    for (std::size_t far = 1; far <= window; ++far) {
        for (std::size_t near = 0; near <= far; ++near) {
            if (far < before.size() && near < after.size() && same(before[far], after[near])) {
                return {far, near};
            }
            if (near < before.size() && far < after.size() && same(before[near], after[far])) {
                return {near, far};
            }
        }
    }
    return {1, 1};
}

/// The items of both sides that are not alike where they stand. What stands between two that are alike is among them.
template <class Item>
std::pair<std::vector<const Item*>, std::vector<const Item*>> unlike(
    std::span<const Item> before, std::span<const Item> after
) {
    std::vector<const Item*> left;
    std::vector<const Item*> right;
    const auto pass = [](std::span<const Item>& from, std::vector<const Item*>& to, std::size_t count) {
        for (; count > 0; --count) {
            to.push_back(from.data());
            from = from.subspan(1);
        }
    };
    while (!before.empty() && !after.empty() && same(before.back(), after.back())) {
        before = before.first(before.size() - 1);
        after = after.first(after.size() - 1);
    }
    while (!before.empty() && !after.empty()) {
        if (same(before.front(), after.front())) {
            before = before.subspan(1);
            after = after.subspan(1);
            continue;
        }
        const auto [of_before, of_after] = find_alike(before, after);
        pass(before, left, of_before);
        pass(after, right, of_after);
    }
    pass(before, left, before.size());
    pass(after, right, after.size());
    return {std::move(left), std::move(right)};
}

class Comparison {
public:
    explicit Comparison(std::span<const std::string> scrubbed) : scrubbed_(scrubbed) {}

    template <class Item>
    void compare(std::span<const Item> before, std::span<const Item> after) {
        const auto [left, right] = unlike(before, after);
        if (left.empty() && right.empty()) {
            return;
        }
        const std::size_t found = diff_.added + diff_.removed + diff_.changed;
        const auto old_ones = by_name(left);
        const auto new_ones = by_name(right);
        for (const Item* item : left) {
            const std::string name = name_of(*item);
            if (old_ones.at(name) != item) {
                continue;
            }
            const auto now = new_ones.find(name);
            if (now == new_ones.end()) {
                ++diff_.removed;
                show('-', *item, name);
            } else if (!same(*item, *now->second)) {
                ++diff_.changed;
                show('~', *item, name);
            }
        }
        for (const Item* item : right) {
            const std::string name = name_of(*item);
            if (new_ones.at(name) == item && !old_ones.contains(name)) {
                ++diff_.added;
                show('+', *item, name);
            }
        }
        diff_.rearranged = diff_.rearranged || found == diff_.added + diff_.removed + diff_.changed;
    }

    void rearranged() noexcept { diff_.rearranged = true; }
    [[nodiscard]] MappingDiff take() { return std::move(diff_); }

private:
    template <class Item>
    static std::unordered_map<std::string, const Item*> by_name(const std::vector<const Item*>& items) {
        std::unordered_map<std::string, const Item*> all;
        all.reserve(items.size());
        for (const Item* item : items) {
            all.insert_or_assign(name_of(*item), item);
        }
        return all;
    }

    template <class Item>
    void show(char sign, const Item& item, const std::string& name) {
        if (diff_.examples.size() >= MappingDiff::max_examples || (account_is_unknown(item) && !scrubbed_.empty())) {
            return;
        }
        const auto inside = [&name](const std::string& account) { return name.find(account) != std::string::npos; };
        if (std::ranges::none_of(scrubbed_, inside)) {
            diff_.examples.push_back(sign + name);
        }
    }

    std::span<const std::string> scrubbed_;
    MappingDiff diff_;
};

}  // namespace

MappingDiff& MappingDiff::operator+=(const MappingDiff& other) {
    added += other.added;
    removed += other.removed;
    changed += other.changed;
    rearranged = rearranged || other.rearranged;
    for (const std::string& example : other.examples) {
        if (examples.size() < max_examples) {
            examples.push_back(example);
        }
    }
    return *this;
}

MappingDiff difference(
    const mapping::SourceRules& before,
    const mapping::SourceRules& after,
    std::span<const std::string> scrubbed_accounts
) {
    Comparison comparison(scrubbed_accounts);
    comparison.compare<Rule>(before.roles, after.roles);
    comparison.compare<Rule>(before.users, after.users);
    comparison.compare<std::string>(before.accounts, after.accounts);
    if (before.reserved_prefixes != after.reserved_prefixes || before.match != after.match) {
        comparison.rearranged();
    }
    return comparison.take();
}

std::size_t count_entries(const mapping::SourceRules& rules) noexcept {
    return rules.roles.size() + rules.users.size() + rules.accounts.size();
}

}  // namespace arngate::config
