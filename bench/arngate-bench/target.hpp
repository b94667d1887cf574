#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

namespace arngate::bench {

/// The webhook that is measured, and how its certificate is checked.
struct Target {
    std::string host;  ///< name or address, without brackets
    std::uint16_t port = 443;
    std::string path = "/authenticate";
    std::string server_name;   ///< for SNI and the check of the certificate; empty: `host`
    std::string authority;     ///< PEM of what to trust; empty: what the system trusts
    std::string client_chain;  ///< PEM of a certificate to present; empty: none
    std::string client_key;    ///< its PEM key
    bool is_insecure = false;  ///< the certificate is not checked

    /// As the Host header and :authority have it.
    [[nodiscard]] std::string authority_name() const;
};

/// "https://HOST[:PORT][/PATH]". Fails with a text for the user.
[[nodiscard]] std::expected<Target, std::string> parse_url(std::string_view url);

/// What a kubeconfig's current context says (server, certificate-authority, tls-server-name, client certificate), as
/// kube-apiserver reads the file of --authentication-token-webhook-config-file. Relative file names are relative to
/// `directory`. Fails with a text for the user.
[[nodiscard]] std::expected<Target, std::string> parse_kubeconfig(std::string_view yaml, const std::string& directory);

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
};

enum class Remote : std::uint8_t { refused, allowed };

/// The target's first address. Asks the system's resolver. With `refused`, every address of the name must be one of
/// loopback. Fails with a text for the user.
[[nodiscard]] std::expected<SocketAddress, std::string> resolve(const Target& target, Remote remote);

}  // namespace arngate::bench
