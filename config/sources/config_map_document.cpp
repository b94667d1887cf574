#include "config/sources/config_map_document.hpp"

#include "config/document.hpp"
#include "config/entry_reader.hpp"
#include "config/report.hpp"
#include "config/yaml_document.hpp"
#include "core/aws/identifiers.hpp"
#include "core/base/text.hpp"
#include "core/mapping/role_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::config {
namespace {

bool is_null(const Node& node) {
    return node.kind == Node::Kind::null;
}

/// The value of a key in any letter case, or nullptr if it is missing or null. Of several spellings the Go server's
/// decoder obeys the one that is last in the order of bytes, of equal ones the last.
const Node* value_of(const Node& map, std::string_view key) {
    const Member* found = nullptr;
    for (const Member& member : map.members) {
        if (text::iequals(member.key, key) && (found == nullptr || member.key >= found->key))
            found = &member;
    }
    return found == nullptr || is_null(found->value) ? nullptr : &found->value;
}

/// One of the three values of the ConfigMap.
class Part {
public:
    Part(const ConfigMapData& data, std::string_view key, ConfigMapDocument& document)
        : key_(key), report_(fmt::format("kube-system/aws-auth {}", key)), document_(document) {
        if (const auto found = data.find(key); found != data.end() && !is_skipped(found->second))
            read(found->second);
    }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part() {
        std::ranges::move(report_.take_problems(), std::back_inserter(document_.problems));
        std::ranges::move(report_.take_warnings(), std::back_inserter(document_.warnings));
    }

    [[nodiscard]] const std::vector<Node>& items() const noexcept { return list_.items; }
    /// Reads each entry with `read(Entry&)`.
    template <class Read>
    void for_each_entry(Read read);
    [[nodiscard]] std::string path(std::size_t index) const { return fmt::format("{}[{}]", key_, index); }
    [[nodiscard]] Report& report() noexcept { return report_; }
    [[nodiscard]] bool is_unreadable() const noexcept { return unreadable_; }

private:
    /// What operators write for "nothing".
    static bool is_skipped(std::string_view value) {
        value = text::trim(value);
        return value.empty() || value == "``" || value == "\"\"" || value == "''";
    }

    void read(std::string_view value) {
        unreadable_ = true;
        if (value.size() > max_config_map_value_bytes) {
            report_.problem({}, {key_, "more than 1 MiB", "a value as an API server keeps it", {}});
            return;
        }
        auto list = read_yaml(value, YamlDialect::kubernetes);
        if (!list) {
            report_.problem(list.error().at, {key_, std::move(list.error().found), {}, std::move(list.error().advice)});
        } else if (list->kind == Node::Kind::list) {
            list_ = *std::move(list);
            unreadable_ = false;
        } else if (is_null(*list)) {
            unreadable_ = false;
        } else {
            report_.problem(list->at, {key_, describe_node(*list), "a list", {}});
        }
    }

    std::string key_;
    Report report_;
    ConfigMapDocument& document_;
    Node list_;
    bool unreadable_ = false;
};

/// One entry, read field by field; says at the end whether it may be kept.
class Entry {
public:
    Entry(const Node& node, std::string path, Report& report) : node_(node), path_(std::move(path)), report_(report) {}

    [[nodiscard]] const Node* value(std::string_view field) const { return value_of(node_, field); }

    /// Empty, with a problem, if it is not text.
    [[nodiscard]] std::string text(std::string_view field) {
        const Node* node = value(field);
        if (node == nullptr)
            return {};
        if (node->kind != Node::Kind::text) {
            wrong(*node, field, "text: put it in quotes");
            return {};
        }
        return node->text;
    }

    /// As `text`, but without the field the entry must not be kept.
    [[nodiscard]] std::string decisive_text(std::string_view field) {
        const Node* node = value(field);
        std::string out = text(field);
        if (node != nullptr && node->kind != Node::Kind::text)
            drop();
        return out;
    }

    /// A value that is no list loses the groups, an item that is no text the entry.
    [[nodiscard]] std::vector<std::string> groups() {
        std::vector<std::string> out;
        const Node* node = value("groups");
        if (node == nullptr)
            return out;
        if (node->kind != Node::Kind::list) {
            wrong(*node, "groups", "a list of texts");
            return out;
        }
        for (const Node& item : node->items) {
            if (item.kind != Node::Kind::text) {
                wrong(item, "groups", "text: put it in quotes");
                drop();
            }
            out.push_back(item.text);
        }
        return out;
    }

    void check_keys(std::span<const std::string_view> known) {
        warn_of_unknown_keys(node_, [this](std::string_view key) { return field_path(key); }, known, report_);
    }

    void wrong(const Node& node, std::string_view field, std::string expected) {
        report_.problem(node.at, {field_path(field), describe_node(node), std::move(expected), {}});
    }
    /// Leaves the entry out, for what its fields say together.
    void refuse(std::string found, std::string expected, std::string advice = {}) {
        report_.problem(node_.at, {path_, std::move(found), std::move(expected), std::move(advice)});
        drop();
    }
    void drop() noexcept { kept_ = false; }
    [[nodiscard]] bool kept() const noexcept { return kept_; }
    [[nodiscard]] mapping::Origin origin() const { return {report_.file(), node_.at.line, node_.at.column}; }
    [[nodiscard]] Entry inner(const Node& node, std::string_view field) const {
        return {node, field_path(field), report_};
    }

private:
    [[nodiscard]] std::string field_path(std::string_view field) const { return fmt::format("{}.{}", path_, field); }

    const Node& node_;
    std::string path_;
    Report& report_;
    bool kept_ = true;
};

template <class Read>
void Part::for_each_entry(Read read) {
    for_each_map(list_, key_, report_, [&](const Node& map, std::size_t index) {
        Entry entry(map, path(index), report_);
        read(entry);
    });
}

mapping::Rule read_common(Entry& entry) {
    mapping::Rule rule;
    rule.username = entry.decisive_text("username");
    rule.groups = entry.groups();
    rule.user_id = entry.text("userid");
    rule.origin = entry.origin();
    return rule;
}

std::optional<mapping::SsoRole> read_sso(const Node& node, const Entry& entry) {
    constexpr std::array<std::string_view, 3> known{"permissionSetName", "accountID", "partition"};
    Entry fields = entry.inner(node, "sso");
    fields.check_keys(known);
    if (node.kind != Node::Kind::map) {
        fields.refuse(describe_node(node), "a map of permissionSetName and accountID");
        return std::nullopt;
    }
    mapping::SsoRole sso;
    sso.permission_set_name = fields.decisive_text("permissionSetName");
    sso.account_id = fields.decisive_text("accountID");
    if (const std::string partition = fields.decisive_text("partition"); !partition.empty())
        sso.partition = partition;
    if (!fields.kept())
        return std::nullopt;
    if (const auto pattern = mapping::RolePattern::of(sso); !pattern) {
        fields.refuse("no permission set of an account", {}, fmt::format("Namely: {}.", describe(pattern.error())));
        return std::nullopt;
    }
    return sso;
}

void read_role(Entry& entry, std::vector<mapping::Rule>& rules) {
    constexpr std::array<std::string_view, 6> known{"rolearn", "rolearnLike", "sso", "username", "groups", "userid"};
    entry.check_keys(known);
    mapping::Rule rule = read_common(entry);
    rule.arn = entry.decisive_text("rolearn");
    rule.arn_like = entry.decisive_text("rolearnLike");
    const Node* sso = entry.value("sso");
    const int selectors = (rule.arn.empty() ? 0 : 1) + (rule.arn_like.empty() ? 0 : 1) + (sso == nullptr ? 0 : 1);
    if (selectors != 1) {
        entry.refuse(
            selectors == 0 ? "neither rolearn, rolearnLike nor sso" : "more than one of rolearn, rolearnLike and sso",
            "exactly one of rolearn, rolearnLike and sso"
        );
        return;
    }
    if (sso != nullptr) {
        auto role = read_sso(*sso, entry);
        if (!role)
            return;
        rule.sso.push_back(*std::move(role));
    }
    if (!rule.arn_like.empty()) {
        if (const auto pattern = mapping::RolePattern::parse(rule.arn_like); !pattern) {
            entry.refuse(
                "a rolearnLike that is not accepted", {}, fmt::format("Namely: {}.", describe(pattern.error()))
            );
        }
    }
    if (entry.kept())
        rules.push_back(std::move(rule));
}

void read_user(Entry& entry, std::vector<mapping::Rule>& rules) {
    constexpr std::array<std::string_view, 4> known{"userarn", "username", "groups", "userid"};
    entry.check_keys(known);
    mapping::Rule rule = read_common(entry);
    rule.arn = entry.decisive_text("userarn");
    if (rule.arn.empty())
        entry.refuse("no userarn", "a userarn");
    if (entry.kept())
        rules.push_back(std::move(rule));
}

/// As written, so that ids keep their zeros.
void read_accounts(Part& part, std::vector<std::string>& accounts) {
    for (std::size_t i = 0; i < part.items().size(); ++i) {
        const Node& item = part.items()[i];
        if (item.kind == Node::Kind::list || item.kind == Node::Kind::map) {
            part.report().problem(item.at, {part.path(i), describe_node(item), "an account id", {}});
        } else {
            std::string id = item.kind == Node::Kind::text ? item.text : item.written;
            if (!aws::is_account_id(id)) {
                part.report().warning(
                    item.at,
                    {part.path(i), describe_node(item), "an account id of 12 digits", "It matches nobody.", "account-id"
                    }
                );
            }
            accounts.push_back(std::move(id));
        }
    }
}

}  // namespace

ConfigMapDocument read_config_map(const ConfigMapData& data) {
    ConfigMapDocument document;
    const auto count = [&](const Part& part, std::size_t kept) {
        document.rejected += part.items().size() - kept;
        document.has_unreadable_part = document.has_unreadable_part || part.is_unreadable();
    };
    document.rules.source = "EKSConfigMap";
    document.rules.match = mapping::MatchBy::written_arn;
    {
        Part roles(data, "mapRoles", document);
        roles.for_each_entry([&](Entry& entry) { read_role(entry, document.rules.roles); });
        count(roles, document.rules.roles.size());
    }
    {
        Part users(data, "mapUsers", document);
        users.for_each_entry([&](Entry& entry) { read_user(entry, document.rules.users); });
        count(users, document.rules.users.size());
    }
    {
        Part accounts(data, "mapAccounts", document);
        read_accounts(accounts, document.rules.accounts);
        count(accounts, document.rules.accounts.size());
    }
    return document;
}

}  // namespace arngate::config
