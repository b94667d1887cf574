#pragma once

#include "core/credentials/source.hpp"

namespace arngate::credentials {

/// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or the old names AWS_ACCESS_KEY and AWS_SECRET_KEY), AWS_SESSION_TOKEN
/// (or AWS_SECURITY_TOKEN) and AWS_CREDENTIAL_EXPIRATION. Fails where one key is set without the other.
[[nodiscard]] Found from_environment(Means& means);

}  // namespace arngate::credentials
