#include "config/rules.hpp"

#include "config/backends.hpp"
#include "config/schema.hpp"
#include "config/text_form.hpp"
#include "config/value.hpp"
#include "core/aws/arn.hpp"
#include "core/aws/partition.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace arngate::config {
namespace {

/// One map of a list of entries, read field by field.
class EntryReader {
public:
    EntryReader(const Node& entry, std::string key, Report& report)
        : entry_(entry), key_(std::move(key)), report_(report) {}

    [[nodiscard]] const Node& node() const noexcept { return entry_; }
    [[nodiscard]] Report& report() const noexcept { return report_; }
    [[nodiscard]] std::string path(std::string_view field) const { return fmt::format("{}.{}", key_, field); }
    [[nodiscard]] const std::string& path() const noexcept { return key_; }

    /// The value of a field, or nullptr if it is missing or null.
    [[nodiscard]] const Node* value(std::string_view field) const {
        const Member* member = entry_.find(field);
        return member == nullptr || member->value.kind == Node::Kind::null ? nullptr : &member->value;
    }

    [[nodiscard]] std::string text(std::string_view field) const {
        const Node* node = value(field);
        if (node == nullptr)
            return {};
        return scalar(*node, field).value_or(std::string());
    }

    /// A text is split at commas.
    [[nodiscard]] std::vector<std::string> list(std::string_view field) const {
        std::vector<std::string> out;
        const Node* node = value(field);
        if (node == nullptr)
            return out;
        if (node->kind == Node::Kind::list) {
            for (const Node& item : node->items) {
                if (auto text = scalar(item, field))
                    out.push_back(*std::move(text));
            }
        } else if (auto text = scalar(*node, field)) {
            out = split_list(*text, ',');
        }
        for (const std::string& item : out) {
            if (item.empty() || text::trim(item) != item) {
                report_.warning(
                    node->at,
                    {path(field), quote(item), "a name without blanks around it", "Blanks are part of the name."}
                );
            }
        }
        return out;
    }

    /// Warns of fields that are not among those known.
    void check_fields(std::span<const std::string_view> known) const {
        for (const Member& member : entry_.members) {
            const auto same = [&](std::string_view name) { return text::iequals(name, member.key); };
            if (std::ranges::any_of(known, same))
                continue;
            const std::string_view nearest = nearest_word(member.key, known);
            report_.warning(
                member.at,
                {path(member.key),
                 "an unknown key, which is ignored",
                 {},
                 nearest.empty() ? std::string() : fmt::format("Did you mean {}?", nearest)}
            );
        }
    }

private:
    /// Booleans become "1" and "0" in entries, as the Go server's decoder has it.
    std::optional<std::string> scalar(const Node& node, std::string_view field) const {
        if (node.kind == Node::Kind::list || node.kind == Node::Kind::map) {
            report_.problem(node.at, {path(field), describe_node(node), "text", {}});
            return std::nullopt;
        }
        if (node.kind != Node::Kind::boolean) {
            std::string text = scalar_text(node);
            if (!has_form(text, TextForm::any)) {
                report_.problem(node.at, {path(field), quote(text), "text without control characters", {}});
                return std::nullopt;
            }
            return text;
        }
        const std::string text = node.text == "true" ? "1" : "0";
        report_.warning(
            node.at,
            {path(field), quote(node.text), "text", fmt::format("It is read as \"{}\"; put the text in quotes.", text)}
        );
        return text;
    }

    const Node& entry_;
    std::string key_;
    Report& report_;
};

/// Warns of an entry that another one of the list hides, and refuses those that only their role paths tell apart.
class SeenArns {
public:
    SeenArns(RolePaths paths, Report& report) : paths_(paths), report_(report) {}

    void add(const std::string& arn, Position at, const std::string& key) {
        const std::string folded = text::to_lower(arn);
        std::string matched = folded;
        if (paths_ == RolePaths::strip) {
            if (auto stripped = aws::strip_role_path(folded))
                matched = *std::move(stripped);
        }
        const auto [other, first] = seen_.try_emplace(matched, Seen{folded, at});
        if (first)
            return;
        if (other->second.arn == folded) {
            report_.warning(
                at, {key, fmt::format("the ARN of line {} again", other->second.at.line), {}, "The later entry wins."}
            );
        } else {
            report_.problem(
                at,
                {key,
                 fmt::format("the role of line {} with another path", other->second.at.line),
                 "each role once",
                 "Role names are unique in an account whatever their path, and STS reports no path; delete one of the "
                 "two, or set mapping.stripRolePaths to false."}
            );
        }
        other->second = Seen{folded, at};
    }

private:
    struct Seen {
        std::string arn;
        Position at;
    };
    RolePaths paths_;
    Report& report_;
    std::unordered_map<std::string, Seen> seen_;
};

/// The entries of a list; a single map is a list of one.
template <class Read>
void for_each_entry(const Node& root, std::string_view key, Report& report, Read read) {
    const Member* member = find_path(root, key);
    if (member == nullptr || member->value.kind == Node::Kind::null)
        return;
    const Node& value = member->value;
    if (value.kind == Node::Kind::map) {
        read(EntryReader(value, fmt::format("{}[0]", key), report));
        return;
    }
    if (value.kind != Node::Kind::list) {
        report.problem(value.at, {std::string(key), describe_node(value), "a list of entries", {}});
        return;
    }
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        std::string path = fmt::format("{}[{}]", key, i);
        const Node& item = value.items[i];
        if (item.kind == Node::Kind::map) {
            read(EntryReader(item, std::move(path), report));
        } else {
            report.problem(item.at, {std::move(path), describe_node(item), "an entry, which is a map of keys", {}});
        }
    }
}

bool is_permission_set_name(std::string_view name) {
    constexpr std::string_view others = "_+=,.@-";
    return !name.empty() && name.size() <= 32 && std::ranges::all_of(name, [&](char c) {
        return text::is_alnum(c) || others.find(c) != std::string_view::npos;
    });
}

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
    const auto place = [&](std::string_view field) {
        const Node* value = reader.value(field);
        return value == nullptr ? node.at : value->at;
    };
    const auto found = [&](std::string_view field) {
        const Node* value = reader.value(field);
        return value == nullptr ? std::string("nothing") : describe_node(*value);
    };

    mapping::SsoRole sso;
    bool good = true;
    sso.permission_set_name = reader.text("permissionSetName");
    if (!is_permission_set_name(sso.permission_set_name)) {
        report.problem(
            place("permissionSetName"),
            {reader.path("permissionSetName"),
             found("permissionSetName"),
             "1 to 32 letters, digits and characters of _+=,.@-",
             {}}
        );
        good = false;
    }
    sso.account_id = reader.text("accountID");
    if (!is_account_id(sso.account_id)) {
        report.problem(
            place("accountID"),
            {reader.path("accountID"),
             found("accountID"),
             "an account id of 12 digits",
             "Put it in quotes, or it loses leading zeros."}
        );
        good = false;
    }
    if (reader.value("partition") != nullptr) {
        sso.partition = reader.text("partition");
        if (aws::find_partition(sso.partition) == nullptr) {
            report.problem(
                place("partition"),
                {reader.path("partition"), found("partition"), std::string(find_key("partition")->constraint), {}}
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
    const Node* username = entry.value("username");
    if (username == nullptr || (username->is_scalar() && rule.username.empty())) {
        entry.report().warning(
            username == nullptr ? entry.node().at : username->at,
            {entry.path("username"), "nothing", "a username", "Identities that this entry matches are refused."}
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
    if (canonical)
        return std::move(canonical->text);
    const Node* value = entry.value(field);
    entry.report().problem(
        value == nullptr ? entry.node().at : value->at,
        {entry.path(field),
         value == nullptr ? std::string("nothing") : describe_node(*value),
         "an IAM ARN such as arn:aws:iam::123456789012:" + std::string(field == "userarn" ? "user/Name" : "role/Name"),
         sentence(aws::describe(canonical.error()))}
    );
    return std::nullopt;
}

void read_role(const EntryReader& entry, SeenArns& seen, std::vector<mapping::Rule>& rules) {
    constexpr std::array<std::string_view, 5> fields{"rolearn", "sso", "username", "groups", "userid"};
    entry.check_fields(fields);
    mapping::Rule rule = read_common(entry);
    const Node* arn_node = entry.value("rolearn");
    const std::string arn = entry.text("rolearn");
    const bool has_arn = arn_node != nullptr && !(arn_node->is_scalar() && arn.empty());
    const Node* sso = entry.value("sso");
    if (has_arn == (sso != nullptr)) {
        entry.report().problem(
            entry.node().at,
            {entry.path(), has_arn ? "rolearn and sso" : "neither rolearn nor sso", "exactly one of the two", {}}
        );
        return;
    }
    if (sso != nullptr) {
        auto role = read_sso(*sso, entry);
        if (!role)
            return;
        seen.add(
            fmt::format(
                "arn:{}:iam::{}:role/AWSReservedSSO_{}_*", role->partition, role->account_id, role->permission_set_name
            ),
            sso->at,
            entry.path("sso")
        );
        rule.sso.push_back(*std::move(role));
    } else {
        if (!arn_node->is_scalar())
            return;  // reported by text()
        auto canonical = canonical_arn(arn, entry, "rolearn");
        if (!canonical)
            return;
        seen.add(*canonical, arn_node->at, entry.path("rolearn"));
        rule.arn = *std::move(canonical);
    }
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
    seen.add(*canonical, arn_node == nullptr ? entry.node().at : arn_node->at, entry.path("userarn"));
    rule.arn = *std::move(canonical);
    rules.push_back(std::move(rule));
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
                 fmt::format("Write \"{}\".", node.written)}
            );
        } else if (!is_account_id(id)) {
            report.warning(node.at, {key, quote(id), "an account id of 12 digits", "It matches nobody."});
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

mapping::SourceRules read_rules(const Node& root, RolePaths paths, Report& report) {
    mapping::SourceRules rules;
    rules.source = "MountedFile";
    SeenArns roles(paths, report);
    for_each_entry(root, "server.mapRoles", report, [&](const EntryReader& entry) {
        read_role(entry, roles, rules.roles);
    });
    SeenArns users(paths, report);
    for_each_entry(root, "server.mapUsers", report, [&](const EntryReader& entry) {
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
            const Node* value = entry.value("backendmode");
            report.problem(
                value == nullptr ? entry.node().at : value->at,
                {entry.path("backendmode"),
                 value == nullptr ? std::string("nothing") : describe_node(*value),
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
