#pragma once

#include "core/aws/credentials.hpp"
#include "core/credentials/shared_config.hpp"

#include <expected>
#include <optional>
#include <string>

namespace arngate::credentials {

/// Credentials of the texts that an environment or a profile has, without a source; wipes the secret ones. The error is
/// that of aws::check_keys.
[[nodiscard]] std::expected<aws::Credentials, std::string> take_keys(
    const Setting& access_key_id, Setting& secret_access_key, std::optional<Setting>& session_token
);

}  // namespace arngate::credentials
