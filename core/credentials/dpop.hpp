#pragma once

#include "core/base/clock.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace arngate::credentials {

/// A proof that the sender of a POST to `url` holds the key (RFC 9449): a JWT signed with ES256, good for one request.
/// `private_key_pem` is an EC key on P-256. The error shows nothing of it.
[[nodiscard]] std::expected<std::string, std::string> dpop_proof(
    std::string_view private_key_pem, std::string_view url, WallTime now
);

}  // namespace arngate::credentials
