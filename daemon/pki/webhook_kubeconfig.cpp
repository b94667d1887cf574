#include "daemon/pki/webhook_kubeconfig.hpp"

#include "core/base/text.hpp"
#include "daemon/pki/atomic_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace arngate::pki {

namespace {

/// A double-quoted YAML scalar. Paths have no control characters: config/text_form.hpp.
std::string double_quoted(std::string_view path) {
    std::string out = "\"";
    for (const char c : path) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + '"';
}

std::string credentials(const ClientCertificate& client) {
    if (client.certificate_file.empty()) {
        return {};
    }
    return fmt::format(
        "    user:\n      client-certificate: {}\n      client-key: {}\n",
        double_quoted(client.certificate_file),
        double_quoted(client.key_file)
    );
}

}  // namespace

std::string webhook_kubeconfig(
    std::string_view certificate_pem, std::string_view hostname, std::uint16_t port, const ClientCertificate& client
) {
    const bool ipv6 = hostname.find(':') != std::string_view::npos;
    return fmt::format(
        R"(
clusters:
  - name: aws-iam-authenticator
    cluster:
      certificate-authority-data: {}
      server: https://{}{}{}:{}/authenticate
# user refers to the API server client
users:
  - name: apiserver
{}current-context: webhook
contexts:
- name: webhook
  context:
    cluster: aws-iam-authenticator
    user: apiserver
)",
        text::base64_encode(certificate_pem),
        ipv6 ? "[" : "",
        hostname,
        ipv6 ? "]" : "",
        port,
        credentials(client)
    );
}

std::expected<void, std::string> write_webhook_kubeconfig(const std::string& path, std::string_view content) {
    std::error_code unknown;
    if (std::filesystem::is_regular_file(path, unknown)) {  // reading anything else may wait for ever
        if (const auto present = read_file(path); present && *present == content) {
            return {};
        }
    }
    return replace_file(path, content, 0666, OutOfReach::write_in_place);
}

}  // namespace arngate::pki
