#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace arngate::fake_sts {

struct CertificateFiles {
    std::filesystem::path ca;    ///< what clients must trust
    std::filesystem::path cert;  ///< the server's, for all names
    std::filesystem::path key;
};

/// Makes a certificate authority and a server certificate (ECDSA P-256, ten years) for these DNS names, localhost and
/// 127.0.0.1, and writes ca.pem, cert.pem and key.pem (mode 0600) into the directory, which is made if it is not
/// there. The authority's key is not kept. Throws std::runtime_error.
[[nodiscard]] CertificateFiles write_certificates(
    const std::filesystem::path& directory, const std::vector<std::string>& names
);

}  // namespace arngate::fake_sts
