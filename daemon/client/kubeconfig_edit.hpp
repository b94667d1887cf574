#pragma once

#include "config/document.hpp"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::client {

/// What is to stand in a kubeconfig (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/).
struct KubeconfigEntries {
    std::string user;                    ///< name of the user
    std::string command;                 ///< of its exec plugin
    std::vector<std::string> arguments;  ///< of the command
    std::string profile;                 ///< AWS_PROFILE of the command; empty: not set

    std::string cluster;      ///< name of the cluster; empty: neither cluster nor context
    std::string server;       ///< its URL; empty: the cluster is there already and stays as it is
    std::string ca_file;      ///< its certificate-authority; empty: none
    std::string ca_data;      ///< its certificate-authority-data, base64; empty: none
    std::string context;      ///< name of the context, when there is a cluster
    std::string name_space;   ///< of the context; empty: stays as it is
    bool set_current = true;  ///< whether the context becomes the current one
};

/// Puts the entries into a kubeconfig; an empty document becomes one. What is not theirs stays: other entries, and
/// members of these entries that are not named above. Doing it again changes nothing. Refuses what is no kubeconfig,
/// names that are there twice, and users that log in by other means than a command. Pure. The error is for people.
[[nodiscard]] std::expected<config::Node, std::string> edit_kubeconfig(
    config::Node document, const KubeconfigEntries& entries
);

/// A kubeconfig of the named entries alone.
[[nodiscard]] config::Node only_entries(const config::Node& document, const KubeconfigEntries& entries);

/// Reads, edits and replaces the file as a whole (pki::replace_file), locked as kubectl locks it (FILE.lock); makes it,
/// with mode 0600, where there is none. Gives what stands in it then, and whether that is new. Comments are lost where
/// anything changes.
struct KubeconfigWritten {
    config::Node document;
    bool changed = false;
};
[[nodiscard]] std::expected<KubeconfigWritten, std::string> write_kubeconfig(
    const std::string& file, const KubeconfigEntries& entries
);
/// The same without writing and locking.
[[nodiscard]] std::expected<KubeconfigWritten, std::string> plan_kubeconfig(
    const std::string& file, const KubeconfigEntries& entries
);

}  // namespace arngate::client
