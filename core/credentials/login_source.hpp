#pragma once

#include "core/base/secret.hpp"
#include "core/credentials/json_document.hpp"
#include "core/credentials/source.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

/// Credentials of a console sign-in, which `aws login` leaves in ~/.aws/login/cache.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html
namespace arngate::credentials {

/// For a profile with `login_session`: the cached credentials; when they end within five minutes, fresh ones from the
/// sign-in service, which are written to the cache. A failed exchange does no harm while the old ones are good, or
/// where another process has exchanged them meanwhile.
[[nodiscard]] Found from_login(Means& means, const std::string& profile);

/// Files larger than this are refused.
inline constexpr std::size_t max_login_cache_bytes = std::size_t{128} * 1024;

/// A cache file: accessToken with its keys and their end, refreshToken, clientId and dpopKey are required. The error
/// shows nothing of it.
[[nodiscard]] std::expected<JsonDocument, std::string> parse_login_cache(Secret bytes);

/// The credentials in such a document.
[[nodiscard]] std::expected<aws::Credentials, std::string> login_credentials(const JsonDocument& cache);

/// Puts the answer of the sign-in service (CreateOAuth2Token) into the document. Wipes the body.
[[nodiscard]] std::expected<void, std::string> apply_login_answer(std::string& body, JsonDocument& cache, WallTime now);

}  // namespace arngate::credentials
