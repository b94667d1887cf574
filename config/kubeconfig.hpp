#pragma once

#include "core/kube/access.hpp"

#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace arngate::config {

inline constexpr std::size_t max_kubeconfig_bytes = 16UL * 1024 * 1024;

struct KubeconfigRequest {
    std::string file;
    std::string context;     ///< empty: the file's current-context
    std::string master_url;  ///< replaces the server of the cluster; empty: does not
};

/// What a kubeconfig (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/) says of one context: cluster and
/// user, the files it names read, relative paths taken from its folder. The server's certificate goes unchecked only
/// where the cluster says `insecure-skip-tls-verify: true` itself and names no authority. Refused rather than passed
/// over: two entries of one name, auth-provider, user name and password, impersonation, an exec plugin that needs a
/// terminal. Errors are sentences that begin with the file and never hold a credential. Blocks on files.
[[nodiscard]] std::expected<kube::Access, std::string> read_kubeconfig(const KubeconfigRequest& request);

/// The same of a text; `request.file` names it and its folder.
[[nodiscard]] std::expected<kube::Access, std::string> parse_kubeconfig(
    std::string_view text, const KubeconfigRequest& request
);

/// The service account of the pod that we run in: KUBERNETES_SERVICE_HOST and _PORT of the environment, token and
/// ca.crt of the folder. The token is read again for each request.
[[nodiscard]] std::expected<kube::Access, std::string> in_cluster_access(
    const std::function<const char*(const char* name)>& environment,
    const std::string& folder = "/var/run/secrets/kubernetes.io/serviceaccount"
);

}  // namespace arngate::config
