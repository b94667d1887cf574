#include "config/kubeconfig.hpp"

#include "config/document.hpp"
#include "config/json_document.hpp"
#include "config/yaml_document.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/net/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace arngate::config {
namespace {

/// Ends reading; never leaves this file.
struct Refusal {
    std::string text;
};

[[noreturn]] void refuse(std::string text) {
    throw Refusal{std::move(text)};
}

std::string read_file(const std::string& file, std::size_t limit) {
    auto text = read_whole_file(file, limit);
    if (text)
        return *std::move(text);
    switch (text.error().kind) {
        case FileReadError::Kind::missing:
        case FileReadError::Kind::cannot_open:
            refuse(fmt::format("cannot read {}: {}", file, text.error().code.message()));
        case FileReadError::Kind::directory:
            refuse(fmt::format("{} is a directory", file));
        case FileReadError::Kind::cannot_read:
            refuse(fmt::format("cannot read {} to its end", file));
        case FileReadError::Kind::too_large:
            refuse(fmt::format("{} has more than {} bytes", file, limit));
    }
    return {};
}

/// The bytes of a `…-data` key: base64, padded, blanks and line ends allowed.
std::string decode_data(std::string_view key, std::string_view encoded) {
    std::string alphabet;
    for (const char c : encoded) {
        if (c == '-' || c == '_')
            refuse(fmt::format("{} is not base64", key));
        if (c != '\n' && c != '\r' && c != ' ')
            alphabet += c == '+' ? '-' : c == '/' ? '_' : c;
    }
    if (alphabet.size() % 4 != 0)
        refuse(fmt::format("{} is not base64", key));
    for (int i = 0; i < 2 && alphabet.ends_with('='); ++i)
        alphabet.pop_back();
    std::string bytes(text::base64url_decoded_size(alphabet.size()), '\0');
    const auto size = text::base64url_decode(alphabet, bytes.data());
    wipe(alphabet);
    if (!size)
        refuse(fmt::format("{} is not base64", key));
    return bytes;
}

/// One map of a kubeconfig. Keys are matched exactly, as Kubernetes' own readers do.
class Section {
public:
    Section(const Node& node, std::string name) : node_(node), name_(std::move(name)) {
        if (node.kind != Node::Kind::map && node.kind != Node::Kind::null)
            refuse(fmt::format("{} is {} where a map must stand", name_, describe_kind(node)));
    }

    [[nodiscard]] const std::string& name() const { return name_; }

    [[nodiscard]] const Node* find(std::string_view key) const {
        const Node* found = nullptr;
        for (const Member& member : node_.members) {
            if (member.key != key || member.value.kind == Node::Kind::null)
                continue;
            if (found != nullptr)
                refuse(fmt::format("{} has {} twice", name_, key));
            found = &member.value;
        }
        return found;
    }
    [[nodiscard]] std::string text(std::string_view key) const {
        const Node* value = find(key);
        return value == nullptr ? std::string() : scalar(*value, key);
    }
    [[nodiscard]] bool flag(std::string_view key) const {
        const Node* value = find(key);
        if (value == nullptr)
            return false;
        if (value->kind != Node::Kind::boolean)
            refuse(fmt::format("{} of {} is neither true nor false", key, name_));
        return value->text == "true";
    }
    [[nodiscard]] const std::vector<Node>& list(std::string_view key) const {
        static const std::vector<Node> none;
        const Node* value = find(key);
        if (value == nullptr)
            return none;
        if (value->kind != Node::Kind::list)
            refuse(fmt::format("{} of {} is {} where a list must stand", key, name_, describe_kind(*value)));
        return value->items;
    }
    /// What cannot be honoured must not be passed over: the request would go out as somebody else.
    void refuse_keys(std::initializer_list<std::string_view> keys, std::string_view advice) const {
        for (const std::string_view key : keys) {
            if (find(key) != nullptr)
                refuse(fmt::format("{} has {}, which is not supported; {}", name_, key, advice));
        }
    }

    [[nodiscard]] std::string scalar(const Node& value, std::string_view key) const {
        if (!value.is_scalar())
            refuse(fmt::format("{} of {} is {} where text must stand", key, name_, describe_kind(value)));
        return value.kind == Node::Kind::number ? value.written : value.text;
    }

private:
    /// Without the value, which may be a credential.
    static std::string_view describe_kind(const Node& node) {
        return node.kind == Node::Kind::list ? "a list" : node.kind == Node::Kind::map ? "a map" : "a single value";
    }

    const Node& node_;
    std::string name_;
};

/// The entry of a list by its name: `inner` is "cluster", "user" or "context".
Section named(const Section& root, std::string_view list, std::string_view inner, const std::string& name) {
    std::optional<Section> found;
    for (const Node& item : root.list(list)) {
        const Section entry(item, fmt::format("an entry of {}", list));
        if (entry.text("name") != name)
            continue;
        if (found)
            refuse(fmt::format("{} {} stands there twice", inner, quote(name)));
        static const Node nothing;
        const Node* value = entry.find(inner);
        found.emplace(value == nullptr ? nothing : *value, fmt::format("{} {}", inner, quote(name)));
    }
    if (!found)
        refuse(fmt::format("{} {} does not exist", inner, quote(name)));
    return *found;
}

class Reader {
public:
    explicit Reader(const KubeconfigRequest& request)
        : request_(request), folder_(std::filesystem::path(request.file).parent_path()) {}

    kube::Access read(std::string_view text) {
        const auto root = read_yaml(text);
        if (!root)
            refuse(fmt::format("line {}, column {}: not YAML", root.error().at.line, root.error().at.column));
        const Section all(*root, "the kubeconfig");
        const std::string context_name = request_.context.empty() ? all.text("current-context") : request_.context;
        if (context_name.empty())
            refuse("there is no current-context; name one with --kubeconfig-context");
        const Section context = named(all, "contexts", "context", context_name);
        const std::string cluster = context.text("cluster");
        const std::string user = context.text("user");
        read_cluster(named(all, "clusters", "cluster", cluster));
        if (!user.empty())
            read_user(named(all, "users", "user", user));
        return std::move(access_);
    }

private:
    [[nodiscard]] std::string path_of(const std::string& written) const {
        const std::filesystem::path path(written);
        return path.is_absolute() ? written : (folder_ / path).string();
    }

    /// `key`-data, or the file that `key` names.
    [[nodiscard]] std::string data_or_file(const Section& section, const std::string& key) const {
        if (const std::string data = section.text(key + "-data"); !data.empty())
            return decode_data(key + "-data", data);
        const std::string file = section.text(key);
        return file.empty() ? std::string() : read_file(path_of(file), max_pem_bytes);
    }

    void read_cluster(const Section& cluster) {
        std::string url = request_.master_url.empty() ? cluster.text("server") : request_.master_url;
        if (url.empty())
            refuse(fmt::format("{} has no server", cluster.name()));
        auto server = kube::parse_server_url(url);
        if (!server)
            refuse(server.error());
        access_.server = std::move(server->server);
        access_.path_prefix = std::move(server->path_prefix);
        access_.proxy_url = cluster.text("proxy-url");
        net::TlsClientOptions& tls = access_.tls;
        tls.server_name = cluster.text("tls-server-name");
        if (!tls.server_name.empty() && !net::is_valid_host(tls.server_name))
            refuse(fmt::format("tls-server-name of {} is not a host name", cluster.name()));
        tls.ca_pem = data_or_file(cluster, "certificate-authority");
        tls.system_trust = tls.ca_pem.empty();
        tls.insecure_skip_verify = cluster.flag("insecure-skip-tls-verify");
        if (tls.insecure_skip_verify && !tls.ca_pem.empty())
            refuse(fmt::format("{} has a certificate-authority and insecure-skip-tls-verify", cluster.name()));
        url_ = std::move(url);
    }

    void read_user(const Section& user) {
        user.refuse_keys({"auth-provider"}, "use an exec plugin");
        user.refuse_keys({"username", "password"}, "API servers no longer know passwords");
        user.refuse_keys({"as", "as-uid", "as-groups", "as-user-extra"}, "give the credentials of that user");
        std::string key = data_or_file(user, "client-key");
        access_.tls.client_certificate_pem = data_or_file(user, "client-certificate");
        if (!key.empty())
            access_.tls.client_key_pem = std::make_shared<const Secret>(key);
        wipe(key);
        if (access_.tls.client_certificate_pem.empty() != (access_.tls.client_key_pem == nullptr))
            refuse(fmt::format("{} has a client certificate without its key, or a key alone", user.name()));

        std::string token = user.text("token");
        const bool sendable = std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; });
        if (!sendable)
            refuse(fmt::format("token of {} holds characters that cannot be sent", user.name()));
        access_.token = Secret(token);
        wipe(token);
        if (const std::string file = user.text("tokenFile"); !file.empty())
            access_.token_file = path_of(file);
        const Node* exec = user.find("exec");
        if (exec == nullptr)
            return;
        if (!access_.token.empty() || !access_.token_file.empty())
            refuse(fmt::format("{} has exec beside a token", user.name()));
        read_exec(Section(*exec, fmt::format("exec of {}", user.name())));
    }

    void read_exec(const Section& exec) {
        kube::ExecPlugin plugin;
        plugin.api_version = exec.text("apiVersion");
        if (plugin.api_version != "client.authentication.k8s.io/v1" &&
            plugin.api_version != "client.authentication.k8s.io/v1beta1")
            refuse(
                fmt::format("{} has an apiVersion other than client.authentication.k8s.io/v1 and v1beta1", exec.name())
            );
        plugin.command = exec.text("command");
        if (plugin.command.empty())
            refuse(fmt::format("{} has no command", exec.name()));
        if (plugin.command.contains('/'))
            plugin.command = path_of(plugin.command);
        if (exec.text("interactiveMode") == "Always")
            refuse(fmt::format("{} needs a terminal (interactiveMode: Always), which it does not get here", exec.name())
            );
        for (const Node& argument : exec.list("args"))
            plugin.args.push_back(exec.scalar(argument, "args"));
        for (const Node& item : exec.list("env")) {
            const Section variable(item, fmt::format("env of {}", exec.name()));
            std::string name = variable.text("name");
            if (name.empty() || name.contains('='))
                refuse(fmt::format("{} has a variable without a proper name", exec.name()));
            plugin.environment.emplace_back(std::move(name), variable.text("value"));
        }
        plugin.install_hint = exec.text("installHint");
        if (exec.flag("provideClusterInfo"))
            plugin.cluster_json = cluster_json();
        access_.exec = std::move(plugin);
    }

    [[nodiscard]] std::string cluster_json() const {
        Node cluster;
        cluster.kind = Node::Kind::map;
        const auto put = [&](const char* key, Node::Kind kind, std::string value) {
            Member& member = cluster.members.emplace_back();
            member.key = key;
            member.value.kind = kind;
            member.value.text = std::move(value);
        };
        put("server", Node::Kind::text, url_);
        if (!access_.tls.server_name.empty())
            put("tls-server-name", Node::Kind::text, access_.tls.server_name);
        if (access_.tls.insecure_skip_verify)
            put("insecure-skip-tls-verify", Node::Kind::boolean, "true");
        if (!access_.tls.ca_pem.empty())
            put("certificate-authority-data", Node::Kind::text, text::base64_encode(access_.tls.ca_pem));
        return write_json(cluster);
    }

    static constexpr std::size_t max_pem_bytes = 1024UL * 1024;

    const KubeconfigRequest& request_;
    std::filesystem::path folder_;
    std::string url_;
    kube::Access access_;
};

}  // namespace

std::expected<kube::Access, std::string> parse_kubeconfig(std::string_view text, const KubeconfigRequest& request) {
    try {
        return Reader(request).read(text);
    } catch (const Refusal& refusal) {
        return std::unexpected(fmt::format("{}: {}", request.file, refusal.text));
    }
}

std::expected<kube::Access, std::string> read_kubeconfig(const KubeconfigRequest& request) {
    std::string text;
    try {
        text = read_file(request.file, max_kubeconfig_bytes);
    } catch (const Refusal& refusal) {
        return std::unexpected(refusal.text);
    }
    auto access = parse_kubeconfig(text, request);
    wipe(text);
    return access;
}

std::expected<kube::Access, std::string> in_cluster_access(
    const std::function<const char*(const char* name)>& environment, const std::string& folder
) {
    const char* host = environment("KUBERNETES_SERVICE_HOST");
    const char* port = environment("KUBERNETES_SERVICE_PORT");
    if (host == nullptr || port == nullptr)
        return std::unexpected("this is not a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set");
    const auto number = net::parse_port(port);
    if (!net::is_valid_host(host) || !number)
        return std::unexpected("KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT is malformed");
    kube::Access access;
    access.server = {.host = host, .port = *number};
    access.token_file = folder + "/token";
    access.tls.system_trust = false;
    try {
        access.tls.ca_pem = read_file(folder + "/ca.crt", max_kubeconfig_bytes);
    } catch (const Refusal& refusal) {
        return std::unexpected(refusal.text);
    }
    return access;
}

}  // namespace arngate::config
