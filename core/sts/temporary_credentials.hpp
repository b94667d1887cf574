#pragma once

#include "core/aws/credentials.hpp"

#include <expected>
#include <string>
#include <string_view>

/// Temporary credentials as STS and the instance metadata give them. Pure.
namespace arngate::sts {

/// The largest session token that is taken.
inline constexpr std::size_t max_session_token_bytes = std::size_t{16} * 1024;

/// The texts of an answer, not checked yet.
struct TemporaryCredentialsText {
    std::string_view access_key_id;
    std::string_view secret_access_key;
    std::string_view session_token;
    std::string_view expiration;  ///< "2026-01-02T03:04:05Z", a fraction of a second before the Z allowed
};

/// Credentials that can go into a signature and into headers, `expires_at` set, without a source. All four texts must
/// be given. The error names the one that is wrong, as in "an access key id that cannot be used".
[[nodiscard]] std::expected<aws::Credentials, std::string> check_temporary_credentials(
    const TemporaryCredentialsText& text
);

}  // namespace arngate::sts
