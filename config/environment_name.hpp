#pragma once

#include <string>
#include <string_view>

namespace arngate::config {

/// The environment variable of a key: "server.tls.clientCAFile" is ARNGATE_SERVER_TLS_CLIENT_CA_FILE. A new word starts
/// at a dot, a hyphen, a capital behind a small letter or digit, and the last capital of a run before a small letter.
[[nodiscard]] std::string environment_name(std::string_view path);

/// Whether the value is one that Kubernetes sets for a Service, such as tcp://10.0.0.1:443. A Service whose name begins
/// with "arngate" makes variables that look like ours.
[[nodiscard]] bool is_service_link(std::string_view value) noexcept;

}  // namespace arngate::config
