#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace arngate::identity {

/// HMAC-SHA-256 (RFC 2104) with a random key that lives as long as the hasher. Thread-safe: each thread has a context
/// of its own, which stays keyed between calls.
class TokenHasher {
public:
    TokenHasher();
    ~TokenHasher();
    TokenHasher(const TokenHasher&) = delete;
    TokenHasher& operator=(const TokenHasher&) = delete;

    /// Throws std::runtime_error if OpenSSL cannot compute it, which means that there is no memory.
    [[nodiscard]] std::array<unsigned char, 32> operator()(std::string_view text) const;

private:
    std::uint64_t id_;  ///< tells the hashers of a process apart: whose key a thread's context holds
    std::array<unsigned char, 32> key_;
};

}  // namespace arngate::identity
