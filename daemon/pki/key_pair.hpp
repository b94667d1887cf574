#pragma once

#include "core/base/clock.hpp"
#include "core/base/secret.hpp"
#include "daemon/pki/self_signed.hpp"

#include <cstdint>
#include <expected>
#include <string>

namespace arngate::pki {

enum class KeyPairOrigin : std::uint8_t {
    loaded,           ///< both files were there
    generated,        ///< a new key and its certificate were written
    new_certificate,  ///< the key was there; a certificate was made for it
};

/// What the TLS listener serves with. `certificate_pem` may hold a chain, the server's own certificate first.
struct KeyPair {
    std::string certificate_pem;
    Secret key_pem;
    WallTime not_after;  ///< of the first certificate
    KeyPairOrigin origin = KeyPairOrigin::loaded;
};

struct KeyPairRequest {
    std::string certificate_file;
    std::string key_file;
    KeyAlgorithm algorithm = KeyAlgorithm::ecdsa_p256;
    std::string address;   ///< server.address
    std::string hostname;  ///< server.hostname
};

/// An existing pair, whatever names and dates it has. Fails when a file is missing or unreadable, or when the two do
/// not belong together. The text names the files.
[[nodiscard]] std::expected<KeyPair, std::string> load_key_pair(
    const std::string& certificate_file, const std::string& key_file
);

/// The pair of these files, made when it is not complete. A key that exists is never replaced: when only the
/// certificate is missing, a new one is made for the key. The key has mode 0600, the certificate 0666 less the umask.
/// Both files must be in one directory, which must exist. Any number of processes may do this at once: all get the same
/// pair.
[[nodiscard]] std::expected<KeyPair, std::string> load_or_create_key_pair(const KeyPairRequest& request, WallTime now);

/// The first certificate of a PEM text, alone: what a client pins. Empty if there is none.
[[nodiscard]] std::string leaf_certificate(const std::string& certificate_pem);

}  // namespace arngate::pki
