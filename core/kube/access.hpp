#pragma once

#include "core/base/secret.hpp"
#include "core/net/https_pool.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A client of the Kubernetes API.
namespace arngate::kube {

/// A program that gives credentials: the `exec` of a kubeconfig's user
/// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
struct ExecPlugin {
    std::string command;  ///< a path, or a name that is looked for in PATH
    std::vector<std::string> args;
    std::vector<std::pair<std::string, std::string>> environment;  ///< added to ours
    std::string api_version;                                       ///< what its answer must say
    std::string cluster_json;  ///< `spec.cluster` of what it is told; empty: it is not told the cluster
    std::string install_hint;  ///< for people, when the command is missing
};

/// Where an API server is, whom to trust, and how to prove who asks. Of the credentials at most one is set, beside a
/// client certificate in `tls`; none is an anonymous client.
struct Access {
    net::Endpoint server;
    std::string path_prefix;  ///< "" or "/prefix", without a slash at its end
    net::TlsClientOptions tls;
    std::string proxy_url;  ///< empty: as the environment says
    Secret token;
    std::string token_file;  ///< read for each request: its content rotates
    std::optional<ExecPlugin> exec;
};

struct ServerUrl {
    net::Endpoint server;
    std::string path_prefix;
};

/// "https://host[:port][/prefix]". Without a scheme it is https; plain http, user names, queries and fragments are
/// refused. The error is a sentence that does not repeat the text.
[[nodiscard]] std::expected<ServerUrl, std::string> parse_server_url(std::string_view url);

}  // namespace arngate::kube
