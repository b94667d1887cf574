#pragma once

#include "core/base/secret.hpp"
#include "core/credentials/json_document.hpp"
#include "core/credentials/source.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>

/// The access token of IAM Identity Center that `aws sso login` leaves in ~/.aws/sso/cache.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html
namespace arngate::credentials {

struct SsoLogin {
    std::string session;  ///< name of the sso-session; empty: a legacy profile, whose token is not refreshed
    std::string start_url;
    std::string region;
    std::string profile;  ///< for advice
};

/// Where the token of that login is kept.
[[nodiscard]] std::string sso_cache_file(const Environment& environment, const SsoLogin& login);

/// Files larger than this are refused.
inline constexpr std::size_t max_sso_cache_bytes = std::size_t{64} * 1024;

/// A cache file: accessToken and expiresAt are required. The error shows nothing of it.
struct SsoCache {
    JsonDocument document;
    WallTime expires_at;

    [[nodiscard]] static std::expected<SsoCache, std::string> parse(Secret bytes);
    [[nodiscard]] std::string_view access_token() const { return document.text("accessToken").value_or(""); }
    /// Whether a fresh token may be asked for: a refresh token and a client whose registration has not ended.
    [[nodiscard]] bool may_refresh(WallTime now) const;
};

/// The cached token; a token of a session that ends within a quarter of an hour is exchanged for a fresh one, which is
/// written to the cache. A failed exchange does no harm while the old one is good, or where another process has
/// exchanged it meanwhile. The failure says to sign in again.
[[nodiscard]] std::expected<Secret, Failure> sso_token(Means& means, const SsoLogin& login);

/// "run `aws sso login --profile NAME`"
[[nodiscard]] std::string sso_advice(const SsoLogin& login);

}  // namespace arngate::credentials
