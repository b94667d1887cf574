#pragma once

#include "core/credentials/source.hpp"

#include <string>

namespace arngate::credentials {

/// Everything that a profile may name, and the web identity of the environment, in the order of the AWS CLI: a role to
/// assume, a web identity, SSO, keys in the credentials file, a console sign-in, a process, keys in the config file.
/// The first kind that the profile has decides: where it fails, no other is tried. A role's source profile may itself
/// assume a role, and so on; a profile that leads back to itself is an error.
[[nodiscard]] Found from_profile(Means& means, const std::string& profile);

}  // namespace arngate::credentials
