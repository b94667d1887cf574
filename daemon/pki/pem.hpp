#pragma once

#include "core/base/clock.hpp"
#include "daemon/pki/self_signed.hpp"

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// PEM texts read with OpenSSL. Pure.
namespace arngate::pki {

struct CertificateDeleter {
    void operator()(X509* certificate) const noexcept;
};
using Certificate = std::unique_ptr<X509, CertificateDeleter>;

/// The first private key of the text. Null if there is none, or if it needs a passphrase: a daemon has nobody to ask.
[[nodiscard]] PrivateKey parse_key(std::string_view pem);

/// The first certificate of the text; null if there is none.
[[nodiscard]] Certificate parse_certificate(std::string_view pem);

/// All certificates of the text, in its order.
[[nodiscard]] std::vector<Certificate> parse_certificates(std::string_view pem);

/// Throws std::runtime_error when OpenSSL cannot, which is for want of memory.
[[nodiscard]] std::string certificate_pem(const X509& certificate);

/// Whether the key is that of the certificate.
[[nodiscard]] bool belong_together(const X509& certificate, const EVP_PKEY& key);

/// Whether it is its own issuer.
[[nodiscard]] bool is_self_signed(const X509& certificate);

/// The end of validity; nothing where it cannot be read.
[[nodiscard]] std::optional<WallTime> not_after(const X509& certificate);
[[nodiscard]] std::optional<WallTime> not_before(const X509& certificate);

/// The common name of the subject; empty if there is none.
[[nodiscard]] std::string common_name_of(const X509& certificate);
/// DNS names and IP addresses that the certificate is for.
[[nodiscard]] SubjectNames names_of(const X509& certificate);
/// SHA-256 over the DER form, in lower-case hexadecimal digits.
[[nodiscard]] std::string fingerprint(const X509& certificate);

}  // namespace arngate::pki
