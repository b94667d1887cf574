#pragma once

#include "core/aws/credentials.hpp"
#include "core/aws/sts_hosts.hpp"
#include "core/base/clock.hpp"
#include "core/base/secret.hpp"

#include <chrono>
#include <expected>
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
    /// So long before the credentials end, the client is told that the token does: whoever gets it then still uses it.
    std::chrono::seconds expiry_margin{60};
};

struct MintedToken {
    Secret token;
    /// What the client should believe, in whole seconds: `advertised_lifetime` from now, or the credentials' end less
    /// the margin where that is earlier; their end itself where the margin is already reached.
    WallTime expires_at;
};

/// Fails with a text for the user.
[[nodiscard]] std::expected<MintedToken, std::string> mint(
    const MintRequest& request, const aws::Credentials& credentials, WallTime now
);

}  // namespace arngate::token
