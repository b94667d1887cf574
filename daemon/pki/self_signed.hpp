#pragma once

#include "core/base/clock.hpp"

#include <openssl/types.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::pki {

enum class KeyAlgorithm : std::uint8_t {
    ecdsa_p256,  ///< written as PKCS#8
    rsa_2048,    ///< written as PKCS#1, which readers of the Go server's state directory expect
};

inline constexpr std::string_view default_common_name = "aws-iam-authenticator";

/// Names that the certificate stands for.
struct SubjectNames {
    std::vector<std::string> dns;
    std::vector<std::string> ips;  ///< canonical text
    bool operator==(const SubjectNames&) const = default;
};

/// The address that is listened on, unless it is the unspecified one, and the host name that clients use. Each goes to
/// the kind it is: an IP address or a DNS name. Fails when one is neither, or when nothing remains.
[[nodiscard]] std::expected<SubjectNames, std::string> subject_names(
    std::string_view address, std::string_view hostname
);

struct PkeyDeleter {
    void operator()(EVP_PKEY* key) const noexcept;
};
using PrivateKey = std::unique_ptr<EVP_PKEY, PkeyDeleter>;

/// Throws std::runtime_error when OpenSSL cannot.
[[nodiscard]] PrivateKey generate_key(KeyAlgorithm algorithm);
/// PEM: "RSA PRIVATE KEY" for RSA, "PRIVATE KEY" for all else. The text is a secret.
[[nodiscard]] std::string private_key_pem(EVP_PKEY& key);

/// A certificate that signs itself, as the Go server makes it: a random 128-bit serial, CA, for server authentication,
/// good for 36,500 days from `now`. PEM. Throws std::runtime_error when OpenSSL cannot.
[[nodiscard]] std::string self_signed_certificate(
    EVP_PKEY& key, const SubjectNames& names, WallTime now, std::string_view common_name = default_common_name
);

/// The same certificate of `key`, but signed by `issuer_key`, whose certificate `issuer` is: who trusts that one trusts
/// this one, too. Its common name must be another than the issuer's. Throws as above.
[[nodiscard]] std::string cross_signed_certificate(
    EVP_PKEY& key,
    const SubjectNames& names,
    WallTime now,
    std::string_view common_name,
    X509& issuer,
    EVP_PKEY& issuer_key
);

}  // namespace arngate::pki
