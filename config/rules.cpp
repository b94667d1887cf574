#include "config/rules.hpp"

#include "config/backends.hpp"
#include "config/entry_reader.hpp"
#include "config/schema.hpp"
#include "config/seen_entries.hpp"
#include "config/value.hpp"
#include "core/aws/arn.hpp"
#include "core/aws/identifiers.hpp"
#include "core/aws/partition.hpp"
#include "core/base/text.hpp"
#include "core/mapping/role_pattern.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace arngate::config {
namespace {

std::optional<mapping::SsoRole> read_sso(const Node& node, const EntryReader& entry) {
    Report& report = entry.report();
    if (node.kind != Node::Kind::map) {
        report.problem(
            node.at, {entry.path("sso"), describe_node(node), "a map of permissionSetName and accountID", {}}
        );
        return std::nullopt;
    }
    const EntryReader reader(node, entry.path("sso"), report);
    constexpr std::array<std::string_view, 3> fields{"permissionSetName", "accountID", "partition"};
    reader.check_fields(fields);
    mapping::SsoRole sso;
    bool good = true;
    sso.permission_set_name = reader.text("permissionSetName");
    if (!mapping::is_permission_set_name(sso.permission_set_name)) {
        report.problem(
            reader.place("permissionSetName"),
            {reader.path("permissionSetName"),
             reader.found("permissionSetName"),
             "1 to 32 letters, digits and characters of _+=,.@-",
             {}}
        );
        good = false;
    }
    sso.account_id = reader.text("accountID");
    if (!aws::is_account_id(sso.account_id)) {
        report.problem(
            reader.place("accountID"),
            {reader.path("accountID"),
             reader.found("accountID"),
             "an account id of 12 digits",
             "Put it in quotes, or it loses leading zeros.",
             "account-id"}
        );
        good = false;
    }
    if (reader.value("partition") != nullptr) {
        sso.partition = reader.text("partition");
        if (aws::find_partition(sso.partition) == nullptr) {
            report.problem(
                reader.place("partition"),
                {reader.path("partition"), reader.found("partition"), std::string(find_key("partition")->constraint), {}
                }
            );
            good = false;
        }
    }
    return good ? std::optional(std::move(sso)) : std::nullopt;
}

/// The fields that roles and users share.
mapping::Rule read_common(const EntryReader& entry) {
    mapping::Rule rule;
    rule.username = entry.text("username");
    rule.groups = entry.list("groups");
    rule.user_id = entry.text("userid");
    rule.origin = {entry.report().file(), entry.node().at.line, entry.node().at.column};
    if (!entry.has("username")) {
        entry.report().warning(
            entry.place("username"),
            {entry.path("username"),
             "nothing",
             "a username",
             "Identities that this entry matches are refused.",
             "no-username"}
        );
    }
    return rule;
}

std::string sentence(std::string_view text) {
    std::string out(text);
    if (!out.empty() && out.front() >= 'a' && out.front() <= 'z')
        out.front() = static_cast<char>(out.front() - 'a' + 'A');
    return out + '.';
}

std::optional<std::string> canonical_arn(std::string_view arn, const EntryReader& entry, std::string_view field) {
    auto canonical = aws::canonicalize(arn);
    if (canonical) {
        if (canonical->kind == aws::PrincipalKind::assumed_role) {
            entry.report().warning(
                entry.place(field),
                {entry.path(field),
                 "the ARN of a session",
                 {},
                 "It counts as its role, whatever the session; name the role itself.",
                 "assumed-role-arn"}
            );
        }
        return std::move(canonical->text);
    }
    entry.report().problem(
        entry.place(field),
        {entry.path(field),
         entry.found(field),
         "an IAM ARN such as arn:aws:iam::123456789012:" + std::string(field == "userarn" ? "user/Name" : "role/Name"),
         sentence(aws::describe(canonical.error())),
         "invalid-arn"}
    );
    return std::nullopt;
}

/// The ways to say which roles an entry is for.
constexpr std::array<std::string_view, 3> role_selectors{"rolearn", "rolearnLike", "sso"};

/// The one of `role_selectors` that the entry has, or nothing.
std::optional<std::string_view> role_selector(const EntryReader& entry) {
    std::array<std::string_view, role_selectors.size()> room;
    std::size_t count = 0;
    for (const std::string_view selector : role_selectors) {
        if (selector == "sso" ? entry.value(selector) != nullptr : entry.has(selector))
            room.at(count++) = selector;
    }
    if (count == 1)
        return room.front();
    const std::span given(room.data(), count);
    entry.report().problem(
        entry.node().at,
        {entry.path(),
         given.empty() ? "neither rolearn, rolearnLike nor sso" : fmt::format("{}", fmt::join(given, " and ")),
         "exactly one of rolearn, rolearnLike and sso",
         {}}
    );
    return std::nullopt;
}

struct SeenRoles {
    SeenArns arns;
    SeenPatterns patterns;
};

bool read_exact_role(const EntryReader& entry, SeenRoles& seen, mapping::Rule& rule) {
    const std::string arn = entry.text("rolearn");
    if (!entry.value("rolearn")->is_scalar())
        return false;  // reported by text()
    auto canonical = canonical_arn(arn, entry, "rolearn");
    if (!canonical)
        return false;
    seen.arns.add(*canonical, entry, "rolearn");
    rule.arn = *std::move(canonical);
    return true;
}

bool read_role_pattern(const EntryReader& entry, SeenRoles& seen, mapping::Rule& rule) {
    std::string text = entry.text("rolearnLike");
    if (!entry.value("rolearnLike")->is_scalar())
        return false;  // reported by text()
    const auto pattern = mapping::RolePattern::parse(text);
    if (!pattern) {
        entry.report().problem(
            entry.place("rolearnLike"),
            {entry.path("rolearnLike"),
             entry.found("rolearnLike"),
             "a pattern such as arn:aws:iam::123456789012:role/dev-*",
             sentence(mapping::describe(pattern.error())),
             pattern.error() == mapping::RolePatternError::too_broad ? "broad-pattern" : "invalid-arn"}
        );
        return false;
    }
    seen.patterns.add(*pattern, entry, "rolearnLike");
    rule.arn_like = std::move(text);
    return true;
}

bool read_permission_set(const EntryReader& entry, SeenRoles& seen, mapping::Rule& rule) {
    auto sso = read_sso(*entry.value("sso"), entry);
    if (!sso)
        return false;
    if (const auto pattern = mapping::RolePattern::of(*sso))
        seen.patterns.add(*pattern, entry, "sso");
    rule.sso.push_back(*std::move(sso));
    return true;
}

void read_role(const EntryReader& entry, SeenRoles& seen, std::vector<mapping::Rule>& rules) {
    constexpr std::array<std::string_view, 6> fields{"rolearn", "rolearnLike", "sso", "username", "groups", "userid"};
    entry.check_fields(fields);
    mapping::Rule rule = read_common(entry);
    const auto selector = role_selector(entry);
    if (!selector)
        return;
    const bool good = *selector == "rolearn"       ? read_exact_role(entry, seen, rule)
                      : *selector == "rolearnLike" ? read_role_pattern(entry, seen, rule)
                                                   : read_permission_set(entry, seen, rule);
    if (good)
        rules.push_back(std::move(rule));
}

void read_user(const EntryReader& entry, SeenArns& seen, std::vector<mapping::Rule>& rules) {
    constexpr std::array<std::string_view, 4> fields{"userarn", "username", "groups", "userid"};
    entry.check_fields(fields);
    mapping::Rule rule = read_common(entry);
    const Node* arn_node = entry.value("userarn");
    const std::string arn = entry.text("userarn");
    if (arn_node != nullptr && !arn_node->is_scalar())
        return;  // reported by text()
    auto canonical = canonical_arn(text::to_lower(arn), entry, "userarn");
    if (!canonical)
        return;
    seen.add(*canonical, entry, "userarn");
    rule.arn = *std::move(canonical);
    rules.push_back(std::move(rule));
}

/// Of a list, to have room for its entries at once.
std::size_t count_of(const Node& root, std::string_view list) {
    const Member* member = find_path(root, list);
    return member == nullptr ? 0 : member->value.items.size();
}

std::vector<std::string> read_accounts(const Node& root, Report& report) {
    constexpr std::string_view path = "server.mapAccounts";
    const Member* member = find_path(root, path);
    if (member == nullptr || member->value.kind == Node::Kind::null)
        return {};
    const Key& key = *find_key(path);
    auto parsed = parse_value(key, member->value);
    if (!parsed) {
        WrongValue& wrong = parsed.error();
        report.problem(
            wrong.at, {std::string(path), std::move(wrong.found), std::move(wrong.expected), std::move(wrong.advice)}
        );
        return {};
    }
    warn_of_account_ids(member->value, key.separator, std::string(path), report);
    return std::get<std::vector<std::string>>(*std::move(parsed));
}

}  // namespace

void warn_of_account_ids(const Node& accounts, char separator, const std::string& key, Report& report) {
    const auto check = [&](const std::string& id, const Node& node) {
        if (node.kind == Node::Kind::number && node.written != node.text) {
            report.warning(
                node.at,
                {key,
                 fmt::format("the number {}, which is read as {}", quote(node.written), quote(node.text)),
                 "an account id of 12 digits in quotes",
                 fmt::format("Write \"{}\".", node.written),
                 "account-id"}
            );
        } else if (!aws::is_account_id(id)) {
            report.warning(node.at, {key, quote(id), "an account id of 12 digits", "It matches nobody.", "account-id"});
        }
    };
    if (accounts.kind == Node::Kind::list) {
        for (const Node& item : accounts.items)
            check(scalar_text(item), item);
    } else {
        for (const std::string& id : split_list(scalar_text(accounts), separator))
            check(id, accounts);
    }
}

mapping::SourceRules read_rules(Node& root, RolePaths paths, Report& report) {
    mapping::SourceRules rules;
    rules.source = "MountedFile";
    SeenRoles roles{SeenArns(paths, report), SeenPatterns(report)};
    const std::size_t role_count = count_of(root, "server.mapRoles");
    roles.arns.reserve(role_count);
    rules.roles.reserve(role_count);
    consume_entries(root, "server.mapRoles", report, [&](const EntryReader& entry) {
        read_role(entry, roles, rules.roles);
    });
    SeenArns users(paths, report);
    const std::size_t user_count = count_of(root, "server.mapUsers");
    users.reserve(user_count);
    rules.users.reserve(user_count);
    consume_entries(root, "server.mapUsers", report, [&](const EntryReader& entry) {
        read_user(entry, users, rules.users);
    });
    rules.accounts = read_accounts(root, report);
    return rules;
}

ReservedPrefixes read_reserved_prefixes(const Node& root, Report& report) {
    ReservedPrefixes reserved;
    for_each_entry(root, "server.reservedPrefixConfig", report, [&](const EntryReader& entry) {
        constexpr std::array<std::string_view, 2> fields{"backendmode", "usernamePrefixReserveList"};
        entry.check_fields(fields);
        const std::string mode = entry.text("backendmode");
        std::vector<std::string> prefixes = entry.list("usernamePrefixReserveList");
        if (!is_backend_name(mode)) {
            report.problem(
                entry.place("backendmode"),
                {entry.path("backendmode"),
                 entry.found("backendmode"),
                 backend_names_text(),
                 current_backend_name(mode).empty() ? std::string() : "Old names are not known here."}
            );
            return;
        }
        std::erase(prefixes, std::string());
        reserved.insert_or_assign(mode, std::move(prefixes));
    });
    return reserved;
}

}  // namespace arngate::config
