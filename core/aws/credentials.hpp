#pragma once

#include "core/base/clock.hpp"
#include "core/base/secret.hpp"

#include <optional>
#include <string>

namespace arngate::aws {

/// AWS credentials. Wiped when they go.
struct Credentials {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;                ///< empty for long-lived keys
    std::optional<WallTime> expires_at;  ///< nothing: they do not expire, or it is not known
    std::string source;                  ///< which provider gave them, for messages
};

}  // namespace arngate::aws
