#pragma once

#include "config/settings.hpp"
#include "daemon/http/limits.hpp"
#include "daemon/http/tls_server.hpp"
#include "daemon/pages/authenticate.hpp"

/// Settings turned into what the web front and its pages take.
namespace arngate {

/// Limits are shared out among the loops.
[[nodiscard]] http::HttpLimits http_limits(const config::Settings& settings, unsigned loops);
[[nodiscard]] http::TlsServerOptions tls_server_options(const config::Settings& settings);
[[nodiscard]] pages::AuthenticateOptions authenticate_options(const config::Settings& settings);

}  // namespace arngate
