#pragma once

#include "core/token/mint.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What kubectl and a credential plugin tell each other (client-go exec credential plugins, KEP-541). Pure.
namespace arngate::token {

/// What KUBERNETES_EXEC_INFO says.
struct ExecInfo {
    std::string api_version;  ///< to answer with; empty: none is named, and the answer names none
    std::string cluster_id;   ///< `clusterID` of spec.cluster.config; empty: none
};

/// Reads the variable, or nothing when it is not set, as Go's encoding/json reads an ExecCredential: letter case of
/// members does not matter, the last of several counts, null leaves what was there. What is no ExecCredential is taken
/// for an old kubectl, which expects v1beta1.
[[nodiscard]] ExecInfo read_exec_info(std::optional<std::string_view> variable);

/// Whether the version is one whose answer has the form of `exec_credential`: v1, v1beta1, v1alpha1, or none at all.
[[nodiscard]] bool is_known_exec_version(std::string_view api_version) noexcept;

/// The ExecCredential that kubectl reads, one line without a line end. Holds the token.
[[nodiscard]] Secret exec_credential(const MintedToken& token, std::string_view api_version);

}  // namespace arngate::token
