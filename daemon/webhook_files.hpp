#pragma once

#include "config/settings.hpp"
#include "core/base/clock.hpp"
#include "daemon/pki/key_pair.hpp"

#include <cstdint>
#include <expected>
#include <string>

/// The files that the server and `init` prepare alike.
namespace arngate {

struct KeyPairFiles {
    std::string certificate;
    std::string key;
};

/// Those of server.tls, else those of the state directory.
[[nodiscard]] KeyPairFiles key_pair_files(const config::Settings& settings);

/// How a pair of the state directory is made.
[[nodiscard]] pki::KeyPairRequest key_pair_request(const config::Settings& settings);

/// Loads the pair, or makes it when it is in the state directory and not complete. Logs what was done.
[[nodiscard]] std::expected<pki::KeyPair, std::string> prepare_key_pair(const config::Settings& settings, WallTime now);

/// Writes the webhook kubeconfig for the certificate. Logs it.
[[nodiscard]] std::expected<void, std::string> prepare_kubeconfig(
    const config::Settings& settings, const pki::KeyPair& pair, std::uint16_t port
);

/// The flag that the API server must be given.
[[nodiscard]] std::string api_server_hint(const config::Settings& settings);

}  // namespace arngate
