#pragma once

#include "core/aws/sts_hosts.hpp"
#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace arngate::token {

inline constexpr std::string_view token_prefix = "k8s-aws-v1.";
/// How long a token is good after its X-Amz-Date, whatever X-Amz-Expires says.
inline constexpr std::chrono::seconds token_lifetime = std::chrono::minutes(15);
/// The header whose signed value binds a token to a cluster.
inline constexpr std::string_view cluster_id_header = "x-k8s-aws-id";

/// What a token is checked against. `hosts` must outlive every PresignedUrl made with it.
struct ParseRules {
    const aws::StsHostTable* hosts = nullptr;
    std::size_t max_token_bytes = 16 * 1024;  ///< also of the path and query that are built from it
    /// Refuse dates further ahead than this; nothing: any date in the future passes here (STS refuses it anyway).
    std::optional<std::chrono::seconds> max_ahead = token_lifetime;
};

/// A presigned GetCallerIdentity URL of which every part was checked. What is sent to STS is rebuilt from these parts,
/// so what was checked is what is sent. Movable; holds the parts that are secret in a wiped buffer.
class PresignedUrl {
public:
    /// Checks a token in the documented order (docs/tokens.md); the first failure decides the reason. Pure: no I/O, one
    /// allocation, and another for what might be too long to be sent. A token without the prefix costs nothing but the
    /// comparison.
    [[nodiscard]] static Result<PresignedUrl> parse(std::string_view token, const ParseRules& rules, WallTime now);

    [[nodiscard]] const aws::StsHost& host() const noexcept { return *host_; }
    [[nodiscard]] WallTime signed_at() const noexcept { return signed_at_; }
    /// After this moment the token is worth nothing.
    [[nodiscard]] WallTime good_until() const noexcept { return signed_at_ + token_lifetime; }
    /// The text of X-Amz-Credential before its first '/', empty if there is none. Not secret.
    [[nodiscard]] std::string_view access_key_id() const noexcept;
    /// The text of X-Amz-Security-Token, empty if there is none. Secret.
    [[nodiscard]] std::string_view session_token() const noexcept { return values_[security_token].text; }
    /// Path and query for STS, rebuilt: parameters with their canonical names in byte order, values encoded anew.
    [[nodiscard]] Secret request_target() const;

private:
    enum Parameter : std::size_t {
        action,
        version,
        algorithm,
        credential,
        date,
        expires,
        security_token,
        signature,
        signed_headers,
        count_
    };
    struct Value {
        bool present = false;
        std::string_view text;  ///< decoded, inside buffer_
    };
    PresignedUrl() = default;
    /// Were all bytes of all values escaped.
    [[nodiscard]] std::size_t longest_target() const noexcept;

    Secret buffer_;
    std::array<Value, count_> values_{};
    const aws::StsHost* host_ = nullptr;
    WallTime signed_at_;
};

}  // namespace arngate::token
