#include "daemon/client/kubeconfig_edit.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

namespace arngate::client {

namespace {

using config::Member;
using config::Node;
using Kind = Node::Kind;

constexpr std::string_view exec_version = "client.authentication.k8s.io/v1beta1";
constexpr std::string_view install_hint =
    "arngate was not found. Install it in a directory of PATH, or run `arngate kubeconfig --command` with its path.";
/// What a user may log in with otherwise.
constexpr auto other_logins = std::to_array<std::string_view>(
    {"token",
     "tokenFile",
     "client-certificate",
     "client-certificate-data",
     "client-key",
     "client-key-data",
     "username",
     "password",
     "auth-provider"}
);

Node node_of(Kind kind) {
    Node node;
    node.kind = kind;
    return node;
}

Node* find(Node& map, std::string_view key) {
    const auto found = std::ranges::find(map.members, key, &Member::key);
    return found == map.members.end() ? nullptr : &found->value;
}

const Node* find(const Node& map, std::string_view key) {
    const auto found = std::ranges::find(map.members, key, &Member::key);
    return found == map.members.end() ? nullptr : &found->value;
}

/// The member of that key, null where there was none.
Node& at(Node& map, std::string_view key) {
    Node* found = find(map, key);
    return found != nullptr ? *found
                            : map.members.emplace_back(Member{.key = std::string(key), .at = {}, .value = {}}).value;
}

void set(Node& map, std::string_view key, std::string_view text) {
    at(map, key) = config::text_node(std::string(text));
}

void drop(Node& map, std::string_view key) {
    std::erase_if(map.members, [key](const Member& member) { return member.key == key; });
}

bool has_twice(const Node& node) {
    std::set<std::string_view> keys;
    return std::ranges::any_of(
               node.members,
               [&](const Member& member) { return !keys.insert(member.key).second || has_twice(member.value); }
           ) ||
           std::ranges::any_of(node.items, has_twice);
}

/// YAML is UTF-8 alone; what is not cannot be written so that it reads the same.
bool is_utf8(const Node& node) {
    const auto good = [](const std::string& text) { return simdjson::validate_utf8(text.data(), text.size()); };
    return good(node.text) && good(node.written) &&
           std::ranges::all_of(
               node.members, [&](const Member& member) { return good(member.key) && is_utf8(member.value); }
           ) &&
           std::ranges::all_of(node.items, is_utf8);
}

bool is_named(const Node& item, std::string_view name) {
    const Node* found = find(item, "name");
    return found != nullptr && found->is_scalar() && (found->written.empty() ? found->text : found->written) == name;
}

/// Null becomes an empty map or list; another kind is an error.
std::expected<Node*, std::string> of_kind(Node& node, Kind kind, std::string_view what) {
    if (node.kind == Kind::null) {
        node.kind = kind;
    }
    if (node.kind != kind) {
        return std::unexpected(fmt::format("{} is not a {}", what, kind == Kind::map ? "map" : "list"));
    }
    return &node;
}

/// The map `inner` of the entry of this name in a list of the document; made where it is missing.
std::expected<Node*, std::string> entry(
    Node& root, std::string_view list, std::string_view inner, std::string_view name
) {
    auto entries = of_kind(at(root, list), Kind::list, list);
    if (!entries) {
        return entries;
    }
    auto& items = (*entries)->items;
    const auto same = [name](const Node& item) { return is_named(item, name); };
    if (std::ranges::count_if(items, same) > 1) {
        return std::unexpected(fmt::format("{} has that name twice", list));
    }
    auto found = std::ranges::find_if(items, same);
    if (found == items.end()) {
        Node item = node_of(Kind::map);
        set(item, "name", name);
        items.push_back(std::move(item));
        found = items.end() - 1;
    }
    return of_kind(at(*found, inner), Kind::map, inner);
}

std::expected<void, std::string> set_profile(Node& exec, std::string_view profile) {
    auto variables = of_kind(at(exec, "env"), Kind::list, "env");
    if (!variables) {
        return std::unexpected(std::move(variables.error()));
    }
    auto& items = (*variables)->items;
    std::erase_if(items, [](const Node& item) { return is_named(item, "AWS_PROFILE"); });
    if (!profile.empty()) {
        Node variable = node_of(Kind::map);
        set(variable, "name", "AWS_PROFILE");
        set(variable, "value", profile);
        items.push_back(std::move(variable));
    }
    if (items.empty()) {
        drop(exec, "env");
    }
    return {};
}

std::expected<void, std::string> edit_user(Node& root, const KubeconfigEntries& entries) {
    auto user = entry(root, "users", "user", entries.user);
    if (!user) {
        return std::unexpected(std::move(user.error()));
    }
    for (const std::string_view login : other_logins) {
        if (find(**user, login) != nullptr) {
            return std::unexpected("the user logs in by other means than a command; give another name with --user");
        }
    }
    auto exec = of_kind(at(**user, "exec"), Kind::map, "exec");
    if (!exec) {
        return std::unexpected(std::move(exec.error()));
    }
    set(**exec, "apiVersion", exec_version);
    set(**exec, "command", entries.command);
    Node arguments = node_of(Kind::list);
    std::ranges::transform(entries.arguments, std::back_inserter(arguments.items), config::text_node);
    at(**exec, "args") = std::move(arguments);
    set(**exec, "interactiveMode", "IfAvailable");  // a code of an MFA device may have to be asked for
    set(**exec, "installHint", install_hint);
    return set_profile(**exec, entries.profile);
}

std::expected<void, std::string> edit_cluster(Node& root, const KubeconfigEntries& entries) {
    if (entries.server.empty()) {
        const Node* clusters = find(root, "clusters");
        const auto same = [&](const Node& item) { return is_named(item, entries.cluster); };
        if (clusters == nullptr || std::ranges::none_of(clusters->items, same)) {
            return std::unexpected("there is no cluster of that name yet; give its URL with --server");
        }
        return {};
    }
    auto cluster = entry(root, "clusters", "cluster", entries.cluster);
    if (!cluster) {
        return std::unexpected(std::move(cluster.error()));
    }
    set(**cluster, "server", entries.server);
    if (!entries.ca_file.empty() || !entries.ca_data.empty()) {
        const bool is_file = !entries.ca_file.empty();
        drop(**cluster, "insecure-skip-tls-verify");
        drop(**cluster, is_file ? "certificate-authority-data" : "certificate-authority");
        set(**cluster,
            is_file ? "certificate-authority" : "certificate-authority-data",
            is_file ? entries.ca_file : entries.ca_data);
    }
    return {};
}

std::expected<void, std::string> edit_context(Node& root, const KubeconfigEntries& entries) {
    auto context = entry(root, "contexts", "context", entries.context);
    if (!context) {
        return std::unexpected(std::move(context.error()));
    }
    set(**context, "cluster", entries.cluster);
    set(**context, "user", entries.user);
    if (!entries.name_space.empty()) {
        set(**context, "namespace", entries.name_space);
    }
    if (entries.set_current) {
        set(root, "current-context", entries.context);
    }
    return {};
}

}  // namespace

std::expected<Node, std::string> edit_kubeconfig(Node document, const KubeconfigEntries& entries) {
    if (auto root = of_kind(document, Kind::map, "the document"); !root) {
        return std::unexpected(std::move(root.error()));
    }
    if (!is_utf8(document)) {
        return std::unexpected("the document is not UTF-8");
    }
    if (has_twice(document)) {
        return std::unexpected("a map has a key twice");
    }
    const Node* kind = find(document, "kind");
    if (kind != nullptr && kind->kind != Kind::null && kind->text != "Config") {
        return std::unexpected("it is not a kubeconfig: its kind is not Config");
    }
    set(document, "apiVersion", "v1");
    set(document, "kind", "Config");
    auto edited = edit_user(document, entries);
    if (edited && !entries.cluster.empty()) {
        edited = edit_cluster(document, entries);
        if (edited) {
            edited = edit_context(document, entries);
        }
    }
    if (!edited) {
        return std::unexpected(std::move(edited.error()));
    }
    return document;
}

Node only_entries(const Node& document, const KubeconfigEntries& entries) {
    Node shown = node_of(Kind::map);
    set(shown, "apiVersion", "v1");
    set(shown, "kind", "Config");
    const std::array<std::pair<std::string_view, std::string_view>, 3> lists{
        {{"clusters", entries.cluster}, {"contexts", entries.context}, {"users", entries.user}}
    };
    for (const auto& [list, name] : lists) {
        const Node* from = find(document, list);
        if (from == nullptr || name.empty()) {
            continue;
        }
        Node& to = at(shown, list);
        to.kind = Kind::list;
        std::ranges::copy_if(from->items, std::back_inserter(to.items), [name](const Node& item) {
            return is_named(item, name);
        });
    }
    return shown;
}

}  // namespace arngate::client
