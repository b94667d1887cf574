#include "config/aws_auth.hpp"

#include "config/yaml_document.hpp"
#include "config/yaml_writer.hpp"
#include "core/aws/identifiers.hpp"
#include "core/aws/partition.hpp"
#include "core/base/text.hpp"
#include "core/mapping/role_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace arngate::config {
namespace {

using Kind = AwsAuthEntry::Kind;
using Why = AwsAuthRefusal::Why;

constexpr std::array<std::string_view, 3> parts{"mapRoles", "mapUsers", "mapAccounts"};

std::unexpected<AwsAuthRefusal> refuse(Why why, std::string text) {
    return std::unexpected(AwsAuthRefusal{why, std::move(text)});
}

std::unexpected<AwsAuthRefusal> not_understood(std::string_view part, Position at, std::string_view found) {
    std::string place(part);
    if (at.line > 0)
        place += fmt::format(":{}:{}", at.line, at.column);
    return refuse(Why::not_understood, fmt::format("failed to parse configmap: {}: {}", place, found));
}

/// Texts that stand for nothing in ConfigMaps that were written by hand.
bool is_skippable(std::string_view text) {
    const std::string_view trimmed = text::trim(text);
    return trimmed.empty() || trimmed == "``" || trimmed == "\"\"" || trimmed == "''";
}

Node* exact_member(Node& map, std::string_view key) {
    const auto found = std::ranges::find(map.members, key, &Member::key);
    return found == map.members.end() ? nullptr : &found->value;
}

/// The last of equal keys, which is the one that counts in an entry; letter case does not.
const Node* last_value(const Node& entry, std::string_view key) {
    const Node* last = nullptr;
    for (const Member& member : entry.members) {
        if (text::iequals(member.key, key) && member.value.kind != Node::Kind::null)
            last = &member.value;
    }
    return last;
}

bool is_text_or_none(const Node* node) {
    return node == nullptr || node->kind == Node::Kind::text;
}

bool is_list_of_texts(const Node& node) {
    return node.kind == Node::Kind::list &&
           std::ranges::all_of(node.items, [](const Node& item) { return item.kind == Node::Kind::text; });
}

/// What every role, by its ARN or its permission set, and every user is told apart by.
std::string key_of(Kind kind, std::string_view arn, const std::optional<mapping::SsoRole>& sso) {
    if (kind == Kind::user)
        return std::string(arn);
    if (!sso)
        return text::to_lower(arn);
    return text::to_lower(fmt::format(
        "arn:{}:iam::{}:role/AWSReservedSSO_{}_*",
        sso->partition.empty() ? "aws" : sso->partition,
        sso->account_id,
        sso->permission_set_name
    ));
}

std::optional<mapping::SsoRole> sso_of(const Node& node) {
    mapping::SsoRole sso;
    const std::array<std::pair<std::string_view, std::string*>, 3> fields{
        {{"permissionSetName", &sso.permission_set_name}, {"accountID", &sso.account_id}, {"partition", &sso.partition}}
    };
    for (const auto& [key, out] : fields) {
        const Node* value = last_value(node, key);
        if (!is_text_or_none(value))
            return std::nullopt;
        if (value != nullptr)
            *out = value->text;
    }
    if (node.kind != Node::Kind::map || !sso_fault(sso).empty())
        return std::nullopt;
    return sso;
}

/// The key of an entry that stands in the map; the reason for which it cannot be used instead.
std::expected<std::string, std::string> key_of_entry(Kind kind, const Node& entry) {
    if (entry.kind != Node::Kind::map)
        return std::unexpected("an entry that is not a map of keys");
    const Node* arn = last_value(entry, kind == Kind::user ? "userarn" : "rolearn");
    const Node* sso_node = kind == Kind::user ? nullptr : last_value(entry, "sso");
    const Node* groups = last_value(entry, "groups");
    for (const Node* node : {arn, last_value(entry, "username"), last_value(entry, "userid")}) {
        if (!is_text_or_none(node))
            return std::unexpected("a value that must be text; put it in quotes");
    }
    if (groups != nullptr && !is_list_of_texts(*groups))
        return std::unexpected("groups that are not a list of texts");
    const bool has_arn = arn != nullptr && !arn->text.empty();
    if (has_arn == (sso_node != nullptr))
        return std::unexpected(kind == Kind::user ? "an entry without userarn" : "an entry that needs rolearn or sso");
    if (sso_node == nullptr)
        return key_of(kind, arn->text, std::nullopt);
    const auto sso = sso_of(*sso_node);
    if (!sso)
        return std::unexpected("an sso that names no permission set and account");
    return key_of(kind, {}, sso);
}

std::expected<Node, AwsAuthRefusal> read_part(std::string_view part, std::string_view text) {
    if (is_skippable(text))
        return Node{};
    auto root = read_yaml(text);
    if (!root) {
        const SyntaxError& error = root.error();
        return not_understood(part, error.at, error.advice.empty() ? error.found : error.found + ". " + error.advice);
    }
    if (root->kind != Node::Kind::list && root->kind != Node::Kind::null)
        return not_understood(part, root->at, "found " + describe_node(*root) + " where a list must stand");
    return std::move(*root);
}

bool same(const Node& a, const Node& b) {
    const auto same_member = [](const Member& x, const Member& y) { return x.key == y.key && same(x.value, y.value); };
    return a.kind == b.kind && a.text == b.text && a.written == b.written &&
           std::ranges::equal(a.items, b.items, same) && std::ranges::equal(a.members, b.members, same_member);
}

void put(Node& map, std::string key, Node value) {
    Member member;
    member.key = std::move(key);
    member.value = std::move(value);
    map.members.push_back(std::move(member));
}

Node node_of(const AwsAuthEntry& entry) {
    Node node;
    node.kind = Node::Kind::map;
    if (entry.sso) {
        Node sso;
        sso.kind = Node::Kind::map;
        put(sso, "permissionSetName", text_node(entry.sso->permission_set_name));
        put(sso, "accountID", text_node(entry.sso->account_id));
        if (!entry.sso->partition.empty())
            put(sso, "partition", text_node(entry.sso->partition));
        put(node, "sso", std::move(sso));
    } else {
        put(node, entry.kind == Kind::user ? "userarn" : "rolearn", text_node(entry.arn));
    }
    put(node, "username", text_node(entry.username));
    Node groups;
    groups.kind = Node::Kind::list;
    for (const std::string& group : entry.groups)
        groups.items.push_back(text_node(group));
    put(node, "groups", std::move(groups));
    return node;
}

/// The column, from 0, of the dashes of a list in block style.
std::optional<std::size_t> dash_column(std::string_view text, const Node& list) {
    if (list.at.line < 1 || list.at.column < 1)
        return std::nullopt;
    const auto lines = text::split(text, '\n');
    const auto column = static_cast<std::size_t>(list.at.column - 1);
    const std::string_view line = lines.at(static_cast<std::size_t>(list.at.line - 1));
    const bool is_dash =
        line.size() > column && line[column] == '-' && line.substr(0, column).find_first_not_of(' ') == line.npos;
    return is_dash ? std::optional(column) : std::nullopt;
}

/// `text` with the entry after its last line, if that is then the list with one entry more.
std::optional<std::string> appended(std::string_view text, const Node& old, const Node& extended) {
    std::size_t column = 0;
    if (old.kind == Node::Kind::list) {
        const auto found = dash_column(text, old);
        if (!found)
            return std::nullopt;
        column = *found;
    }
    Node one;
    one.kind = Node::Kind::list;
    one.items.push_back(extended.items.back());
    std::string result(is_skippable(text) ? std::string_view() : text);
    if (!result.empty() && !result.ends_with('\n'))
        result += '\n';
    std::string lines = write_yaml(one, KeyOrder::as_given);
    lines.pop_back();
    for (const std::string_view line : text::split(lines, '\n')) {
        result.append(line.empty() ? 0 : column, ' ');
        result += line;
        result += '\n';
    }
    const auto back = read_yaml(result);
    return back && same(*back, extended) ? std::optional(std::move(result)) : std::nullopt;
}

/// Whether a text of the tree may have been a boolean or a number to YAML 1.1, which writing it anew would change.
bool has_doubtful_text(const Node& node) {
    return (node.kind == Node::Kind::text && is_misread_when_plain(node.text)) ||
           std::ranges::any_of(node.items, has_doubtful_text) ||
           std::ranges::any_of(node.members, [](const Member& member) { return has_doubtful_text(member.value); });
}

std::expected<std::string, AwsAuthRefusal> extended_text(
    std::string_view part, std::string_view text, const Node& old, const AwsAuthEntry& entry
) {
    Node extended = old;
    extended.kind = Node::Kind::list;
    extended.items.push_back(node_of(entry));
    if (auto result = appended(text, old, extended))
        return std::move(*result);
    if (has_doubtful_text(old)) {
        return not_understood(
            part,
            old.at,
            "a list in one line with values that need quotes to be text; write it with one \"- \" an entry"
        );
    }
    return write_yaml(extended, KeyOrder::as_given);
}

}  // namespace

std::string sso_fault(const mapping::SsoRole& sso) {
    const std::string& name = sso.permission_set_name;
    if (!aws::is_account_id(sso.account_id))
        return fmt::format("AccountID '{}' is not a valid AWS Account ID", sso.account_id);
    if (!mapping::is_permission_set_name(name))
        return fmt::format("PermissionSetName '{}' is not a valid AWS SSO PermissionSet Name", name);
    if (!sso.partition.empty() && aws::find_partition(sso.partition) == nullptr)
        return fmt::format("partition '{}' is not a valid AWS partition", sso.partition);
    return {};
}

std::expected<void, AwsAuthRefusal> add_entry(Node& config_map, const AwsAuthEntry& entry) {
    if (config_map.kind != Node::Kind::map)
        return not_understood("object", {}, "found " + describe_node(config_map) + " where a map must stand");
    Node* data = exact_member(config_map, "data");
    const bool no_data = data == nullptr || data->kind == Node::Kind::null;
    if (!no_data && data->kind != Node::Kind::map)
        return not_understood("data", {}, "found " + describe_node(*data) + " where a map must stand");

    const bool is_user = entry.kind == Kind::user;
    const std::string key = key_of(entry.kind, entry.arn, entry.sso);
    const std::string_view wanted = is_user ? parts[1] : parts[0];
    Node list;
    std::string text;
    for (const std::string_view part : parts) {
        const Node* value = no_data ? nullptr : exact_member(*data, part);
        if (value == nullptr || value->kind == Node::Kind::null)
            continue;
        if (value->kind != Node::Kind::text)
            return not_understood(part, {}, "found " + describe_node(*value) + " where text must stand");
        auto read = read_part(part, value->text);
        if (!read)
            return std::unexpected(std::move(read.error()));
        if (part == parts[2])
            continue;
        for (const Node& item : read->items) {
            const auto other = key_of_entry(part == parts[1] ? Kind::user : Kind::role, item);
            if (!other)
                return not_understood(part, item.at, other.error());
            if (part == wanted && *other == key) {
                return refuse(
                    Why::duplicate, fmt::format("cannot add duplicate {} ARN {}", is_user ? "user" : "role", quote(key))
                );
            }
        }
        if (part == wanted) {
            list = std::move(*read);
            text = value->text;
        }
    }

    if (entry.sso.has_value() == !entry.arn.empty())
        return refuse(Why::invalid_entry, "role is invalid: exactly one of rolearn and SSO must be supplied");
    if (entry.sso) {
        if (const std::string fault = sso_fault(*entry.sso); is_user || !fault.empty())
            return refuse(Why::invalid_entry, "role is invalid: " + fault);
    }

    auto extended = extended_text(wanted, text, list, entry);
    if (!extended)
        return std::unexpected(std::move(extended.error()));
    if (data == nullptr) {
        put(config_map, "data", {});
        data = &config_map.members.back().value;
    }
    data->kind = Node::Kind::map;
    if (Node* value = exact_member(*data, wanted); value != nullptr)
        *value = text_node(std::move(*extended));
    else
        put(*data, std::string(wanted), text_node(std::move(*extended)));
    return {};
}

}  // namespace arngate::config
