#include "core/credentials/dpop.hpp"

#include "core/base/random.hpp"
#include "core/base/secret.hpp"
#include "core/base/text.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

namespace arngate::credentials {

namespace {

template <auto free>
struct Free {
    template <class T>
    void operator()(T* object) const {
        free(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

constexpr std::size_t coordinate_bytes = 32;
/// An uncompressed point: a byte 4, then both coordinates.
constexpr std::size_t point_bytes = (2 * coordinate_bytes) + 1;
constexpr unsigned char uncompressed = 4;

std::string_view as_text(const unsigned char* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

/// A key with a passphrase is refused rather than asked for.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

Key read_key(std::string_view pem) {
    if (pem.size() > std::numeric_limits<int>::max()) {
        return nullptr;
    }
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return Key(bio == nullptr ? nullptr : PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
}

std::optional<std::array<unsigned char, point_bytes>> public_point(const Key& key) {
    constexpr std::string_view p256 = "prime256v1";
    std::array<char, 32> group{};
    std::size_t size = 0;
    if (EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(), &size) != 1 ||
        std::string_view(group.data(), size) != p256) {
        return std::nullopt;
    }
    std::array<unsigned char, point_bytes> point{};
    if (EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) != 1 ||
        size != point_bytes || point[0] != uncompressed) {
        return std::nullopt;
    }
    return point;
}

/// ES256 (RFC 7518, section 3.4): r and s, 32 bytes each.
std::optional<std::array<unsigned char, 2 * coordinate_bytes>> sign(const Key& key, std::string_view input) {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(input.data());
    const DigestContext context(EVP_MD_CTX_new());
    std::size_t size = 0;
    if (context == nullptr || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes, input.size()) != 1) {
        return std::nullopt;
    }
    std::vector<unsigned char> der(size);
    if (EVP_DigestSign(context.get(), der.data(), &size, bytes, input.size()) != 1) {
        return std::nullopt;
    }
    const unsigned char* at = der.data();
    const EcdsaSignature parsed(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    std::array<unsigned char, 2 * coordinate_bytes> raw{};
    constexpr int width = static_cast<int>(coordinate_bytes);
    if (parsed == nullptr || BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), raw.data(), width) != width ||
        BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), raw.data() + coordinate_bytes, width) != width) {
        return std::nullopt;
    }
    return raw;
}

/// A random UUID (RFC 9562, version 4).
std::string unique_id() {
    std::array<unsigned char, 16> bytes{};
    random_bytes(bytes);
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | 0x40U);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);
    const std::string hex = text::hex(as_text(bytes.data(), bytes.size()));
    return fmt::format(
        "{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4), hex.substr(20)
    );
}

}  // namespace

std::expected<std::string, std::string> dpop_proof(
    std::string_view private_key_pem, std::string_view url, WallTime now
) {
    if (url.find_first_of("\"\\") != std::string_view::npos) {
        return std::unexpected("a URL that cannot be in a proof");
    }
    const Key key = read_key(private_key_pem);
    const auto point = key == nullptr ? std::nullopt : public_point(key);
    if (!point) {
        return std::unexpected("a private key that is not one of P-256 in PEM");
    }
    const std::string header = fmt::format(
        R"({{"typ":"dpop+jwt","alg":"ES256","jwk":{{"kty":"EC","x":"{}","y":"{}","crv":"P-256"}}}})",
        text::base64url_encode(as_text(point->data() + 1, coordinate_bytes)),
        text::base64url_encode(as_text(point->data() + 1 + coordinate_bytes, coordinate_bytes))
    );
    const std::string payload = fmt::format(
        R"({{"htm":"POST","htu":"{}","iat":{},"jti":"{}"}})",
        url,
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count(),
        unique_id()
    );
    std::string proof = text::base64url_encode(header) + "." + text::base64url_encode(payload);
    const auto signature = sign(key, proof);
    if (!signature) {
        return std::unexpected("a private key that cannot sign");
    }
    proof += '.';
    proof += text::base64url_encode(as_text(signature->data(), signature->size()));
    return proof;
}

}  // namespace arngate::credentials
