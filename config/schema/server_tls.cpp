#include "config/schema/rows.hpp"

#include <array>

namespace arngate::config::schema_rows {
namespace {

using enum ValueType;

// clang-format off
constexpr auto rows = std::to_array<Key>({
    {.path = "server.tls.certFile", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Certificate chain of the webhook, PEM; needs keyFile. Empty: cert.pem in the state directory.",
     .reloadable = false, .obsolete = false},
    {.path = "server.tls.keyFile", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Private key of the webhook, PEM; needs certFile. Empty: key.pem in the state directory.",
     .reloadable = false, .obsolete = false},
    {.path = "server.tls.clientCAFile", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "CA certificates, PEM: clients must show a certificate of one of them. Empty: clients need none.",
     .reloadable = false, .obsolete = false},
    {.path = "server.tls.clientCertFile", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Certificate that the API server shows to the webhook, as the API server sees the path; needs clientKeyFile. It is named in the generated kubeconfig and not read here.",
     .reloadable = false, .obsolete = false},
    {.path = "server.tls.clientKeyFile", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Private key of that certificate, likewise.",
     .reloadable = false, .obsolete = false},
    {.path = "server.tls.minVersion", .type = enumeration, .default_text = "1.2", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Lowest TLS version of the webhook.",
     .reloadable = false, .obsolete = false, .choices = "1.2 1.3"},
});
// clang-format on

}  // namespace

std::span<const Key> server_tls() noexcept {
    return rows;
}

}  // namespace arngate::config::schema_rows
