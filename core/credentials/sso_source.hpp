#pragma once

#include "core/credentials/source.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace arngate::credentials {

/// The credentials of a role in IAM Identity Center, for a profile with sso_account_id or sso_role_name: of an
/// sso_session, or with sso_start_url and sso_region in the profile itself (legacy).
[[nodiscard]] Found from_sso(Means& means, const std::string& profile);

/// GetRoleCredentials' answer: {"roleCredentials": {…}} with an expiration in milliseconds. Wipes the body.
[[nodiscard]] std::expected<aws::Credentials, std::string> parse_role_credentials(std::string& body);

}  // namespace arngate::credentials
