#pragma once

#include <array>
#include <string_view>

/// SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104), for signatures. Pure.
namespace arngate::aws {

using Sha256Digest = std::array<unsigned char, 32>;

[[nodiscard]] Sha256Digest sha256(std::string_view bytes);
/// Leaves nothing of the key behind.
[[nodiscard]] Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes);

}  // namespace arngate::aws
