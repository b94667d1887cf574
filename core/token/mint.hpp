#pragma once

#include "core/aws/credentials.hpp"
#include "core/aws/sts_hosts.hpp"
#include "core/base/clock.hpp"
#include "core/base/secret.hpp"

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace arngate::token {

/// What a client is told: a minute less than what the server grants.
inline constexpr std::chrono::seconds advertised_lifetime = std::chrono::minutes(14);

struct MintRequest {
    std::string cluster_id;
    std::string region;
    aws::EndpointVariant variant = aws::EndpointVariant::plain;
    std::string endpoint_host{};  ///< instead of the region's own host when not empty
    /// X-Amz-Expires. Servers up to version 0.3 of the Go program wanted 60; STS grants 15 minutes whatever it says.
    std::chrono::seconds signed_expires{60};
};

struct MintedToken {
    Secret token;
    WallTime expires_at;  ///< what the client should believe; whole seconds
};

/// Fails with a text for the user.
[[nodiscard]] std::expected<MintedToken, std::string> mint(
    const MintRequest& request, const aws::Credentials& credentials, WallTime now
);

/// The ExecCredential that kubectl reads, one line without a line end. `exec_info` is the content of
/// KUBERNETES_EXEC_INFO, or nothing when it is not set. (client-go exec credential plugins, KEP-541.)
[[nodiscard]] std::string exec_credential(const MintedToken& token, std::optional<std::string_view> exec_info);

}  // namespace arngate::token
