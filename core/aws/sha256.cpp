// The functions that need no provider. The first digest behind EVP reads the configuration of OpenSSL and registers all
// of its algorithms: 6 million instructions and 2 MB (OpenSSL 3.0), which were half of the time and a quarter of the
// memory of `arngate token`. Without the configuration, which TLS would then be without, too, it is 0.8 million and
// 1.5 MB. OpenSSL 3 calls these functions deprecated, and keeps them.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "core/aws/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstddef>

namespace arngate::aws {

namespace {

constexpr std::size_t block_bytes = SHA256_CBLOCK;
constexpr unsigned char inner_pad = 0x36;
constexpr unsigned char outer_pad = 0x5c;

using Block = std::array<unsigned char, block_bytes>;

/// One hash over some pieces, wiped when it goes.
class Hash {
public:
    Hash() { SHA256_Init(&state_); }
    Hash(const Hash&) = delete;
    Hash& operator=(const Hash&) = delete;
    ~Hash() { OPENSSL_cleanse(&state_, sizeof state_); }

    void add(const void* bytes, std::size_t size) { SHA256_Update(&state_, bytes, size); }
    [[nodiscard]] Sha256Digest end() {
        Sha256Digest digest{};
        SHA256_Final(digest.data(), &state_);
        return digest;
    }

private:
    SHA256_CTX state_{};
};

}  // namespace

Sha256Digest sha256(std::string_view bytes) {
    Hash hash;
    hash.add(bytes.data(), bytes.size());
    return hash.end();
}

Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes) {
    Block pad{};
    if (key.size() > pad.size()) {
        std::ranges::copy(sha256(key), pad.begin());
    } else {
        std::ranges::copy(key, pad.begin());
    }
    const auto with = [&pad](unsigned char mask) {
        for (unsigned char& byte : pad) {
            byte ^= mask;
        }
    };
    with(inner_pad);
    Hash inner;
    inner.add(pad.data(), pad.size());
    inner.add(bytes.data(), bytes.size());
    Sha256Digest digest = inner.end();
    with(inner_pad ^ outer_pad);
    Hash outer;
    outer.add(pad.data(), pad.size());
    outer.add(digest.data(), digest.size());
    digest = outer.end();
    OPENSSL_cleanse(pad.data(), pad.size());
    return digest;
}

}  // namespace arngate::aws
