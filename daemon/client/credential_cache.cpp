#include "daemon/client/credential_cache.hpp"

#include "config/yaml_document.hpp"
#include "config/yaml_writer.hpp"
#include "core/aws/timestamp.hpp"
#include "daemon/client/locked_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace arngate::client {

namespace {

using config::Member;
using config::Node;
using Kind = Node::Kind;

/// How long after its end an entry is taken out when another one is put in.
constexpr std::chrono::hours keep_ended{24};

Node node_of(Kind kind, std::string_view text = {}) {
    Node node;
    node.kind = kind;
    node.text = text;
    return node;
}

/// Keys are compared as they are: cluster ids that differ in letter case are two clusters.
const Node* member(const Node& map, std::string_view key) {
    const auto found = std::ranges::find(map.members, key, &Member::key);
    return map.kind == Kind::map && found != map.members.end() ? &found->value : nullptr;
}

Node& map_at(Node& map, std::string_view key) {
    const auto found = std::ranges::find(map.members, key, &Member::key);
    Node& value = found == map.members.end()
                      ? map.members.emplace_back(Member{.key = std::string(key), .at = {}, .value = {}}).value
                      : found->value;
    if (value.kind != Kind::map) {
        value = node_of(Kind::map);
    }
    return value;
}

/// The text of a scalar as it was written: a session token may look like a number.
std::string_view text_at(const Node& map, std::string_view key) {
    const Node* value = member(map, key);
    if (value == nullptr || (value->kind != Kind::text && value->kind != Kind::number)) {
        return {};
    }
    return value->written.empty() ? value->text : value->written;
}

void add(Node& map, std::string_view key, Kind kind, std::string_view text) {
    map.members.push_back(Member{.key = std::string(key), .at = {}, .value = node_of(kind, text)});
}

std::optional<WallTime> end_of(const Node& entry) {
    const Node* can_expire = member(entry, "canexpire");
    const bool ends = can_expire != nullptr && can_expire->kind == Kind::boolean && can_expire->text == "true";
    return ends ? aws::parse_timestamp(text_at(entry, "expires")) : std::nullopt;
}

void wipe_node(Node& node) {
    wipe(node.text);
    wipe(node.written);
    std::ranges::for_each(node.items, wipe_node);
    for (Member& inner : node.members) {
        wipe_node(inner.value);
    }
}

}  // namespace

CredentialCacheDocument::~CredentialCacheDocument() {
    wipe_node(root_);
}

std::expected<CredentialCacheDocument, std::string> CredentialCacheDocument::parse(std::string_view text) {
    CredentialCacheDocument document;
    auto root = config::read_yaml(text, config::YamlDialect::kubernetes);
    if (!root) {
        return std::unexpected(fmt::format("line {} is not YAML", root.error().at.line));
    }
    if (root->kind == Kind::null) {
        return document;
    }
    document.root_ = *std::move(root);
    if (document.root_.kind != Kind::map) {
        return std::unexpected("it is not a map");
    }
    return document;
}

std::optional<aws::Credentials> CredentialCacheDocument::find(const CredentialCacheKey& key) const {
    const Node* entry = &root_;
    for (const std::string_view step :
         std::array<std::string_view, 4>{"clusters", key.cluster_id, key.profile, key.role_arn}) {
        entry = member(*entry, step);
        if (entry == nullptr) {
            return std::nullopt;
        }
    }
    aws::Credentials found;
    found.access_key_id = text_at(*entry, "accesskeyid");
    found.secret_access_key = Secret(text_at(*entry, "secretaccesskey"));
    found.session_token = Secret(text_at(*entry, "sessiontoken"));
    found.expires_at = end_of(*entry);
    found.source = "credential cache";
    if (found.access_key_id.empty() || found.secret_access_key.empty() || !found.expires_at) {
        return std::nullopt;
    }
    return found;
}

void CredentialCacheDocument::put(const CredentialCacheKey& key, const aws::Credentials& credentials, WallTime now) {
    root_.kind = Kind::map;
    Node& clusters = map_at(root_, "clusters");
    for (Member& cluster : clusters.members) {
        for (Member& profile : cluster.value.members) {
            std::erase_if(profile.value.members, [&](Member& role) {
                const auto end = end_of(role.value);
                const bool is_old = end && *end + keep_ended < now;
                if (is_old) {
                    wipe_node(role.value);
                }
                return is_old;
            });
        }
    }
    if (!credentials.expires_at) {
        return;
    }
    Node& entry = map_at(map_at(map_at(clusters, key.cluster_id), key.profile), key.role_arn);
    wipe_node(entry);
    entry = node_of(Kind::map);
    add(entry, "accesskeyid", Kind::text, credentials.access_key_id);
    add(entry, "secretaccesskey", Kind::text, credentials.secret_access_key.expose());
    add(entry, "sessiontoken", Kind::text, credentials.session_token.expose());
    add(entry, "source", Kind::text, credentials.source);
    add(entry, "canexpire", Kind::boolean, "true");
    add(entry, "expires", Kind::text, aws::format_timestamp(*credentials.expires_at));
    add(entry, "accountid", Kind::text, "");
}

Secret CredentialCacheDocument::to_yaml() const {
    std::string text = config::write_yaml(root_, config::KeyOrder::as_given);
    Secret yaml(text);
    wipe(text);
    return yaml;
}

std::optional<std::string> CredentialCache::file_of(const credentials::Environment& environment) {
    std::string file = credentials::variable(environment, "AWS_IAM_AUTHENTICATOR_CACHE_FILE");
    const std::string home = credentials::variable(environment, "HOME");
    if (file.empty() && !home.empty()) {
        file = home + "/.kube/cache/aws-iam-authenticator/credentials.yaml";
    }
    return file.empty() ? std::nullopt : std::optional(std::move(file));
}

std::expected<std::optional<aws::Credentials>, std::string> CredentialCache::find(const CredentialCacheKey& key) const {
    const auto fault = [this](std::string_view what) {
        return std::unexpected(fmt::format("the credential cache {} cannot be used: {}", file_, what));
    };
    const auto file = LockedFile::open(file_, Lock::shared, wait_);
    if (!file) {
        return fault(file.error());
    }
    if (!*file) {
        return std::nullopt;
    }
    const auto content = (*file)->read(max_bytes);
    if (!content) {
        return fault(content.error());
    }
    const auto document = CredentialCacheDocument::parse(content->expose());
    if (!document) {
        return fault(document.error());
    }
    return document->find(key);
}

std::expected<void, std::string> CredentialCache::put(
    const CredentialCacheKey& key, const aws::Credentials& credentials, WallTime now
) const {
    const auto fault = [this](std::string_view what) {
        return std::unexpected(fmt::format("the credential cache {} cannot be written: {}", file_, what));
    };
    make_folders_of(file_);
    const auto file = LockedFile::open(file_, Lock::exclusive, wait_);
    if (!file) {
        return fault(file.error());
    }
    const auto content = (*file)->read(max_bytes);
    CredentialCacheDocument document;
    if (content) {
        if (auto read = CredentialCacheDocument::parse(content->expose())) {
            document = *std::move(read);
        }
    }
    document.put(key, credentials, now);
    const auto written = (*file)->rewrite(document.to_yaml());
    if (!written) {
        return fault(written.error());
    }
    return {};
}

}  // namespace arngate::client
