#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace arngate::pki {

/// Files by which kube-apiserver shows who it is, named as kube-apiserver sees them. Both or neither.
struct ClientCertificate {
    std::string certificate_file;
    std::string key_file;
};

/// What kube-apiserver's --authentication-token-webhook-config-file reads: where the webhook is and the certificate to
/// expect there, and the client certificate to show, if any. The same input gives the same bytes. `hostname` is what
/// kube-apiserver connects to, not the address that is listened on.
[[nodiscard]] std::string webhook_kubeconfig(
    std::string_view certificate_pem,
    std::string_view hostname,
    std::uint16_t port,
    const ClientCertificate& client = {}
);

/// Writes it atomically, behind symbolic links; in place where nothing can be put in the file's place. A new one has
/// mode 0666 less the umask, one that was there keeps its own. A file that already has this content is left alone.
/// Fails with a text that names the file.
[[nodiscard]] std::expected<void, std::string> write_webhook_kubeconfig(
    const std::string& path, std::string_view content
);

}  // namespace arngate::pki
