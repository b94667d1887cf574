#include "daemon/front_options.hpp"

#include "daemon/core_options.hpp"
#include "daemon/webhook_files.hpp"

#include <chrono>

namespace arngate {

http::HttpLimits http_limits(const config::Settings& settings, unsigned loops) {
    http::HttpLimits limits;
    limits.max_body_bytes = settings.limits.body_bytes;
    limits.max_header_bytes = settings.limits.header_bytes;
    limits.max_connections = share_of(settings.limits.connections, loops);
    limits.drain_timeout = std::chrono::ceil<std::chrono::seconds>(settings.server.drain_timeout);
    return limits;
}

http::TlsServerOptions tls_server_options(const config::Settings& settings) {
    const KeyPairFiles files = key_pair_files(settings);
    http::TlsServerOptions options;
    options.certificate_file = files.certificate;
    options.key_file = files.key;
    options.client_ca_file = settings.server.tls.client_ca_file;
    options.require_tls13 = settings.server.tls.require_tls13;
    if (!settings.server.http2) {
        options.protocols = {"http/1.1"};
    }
    return options;
}

pages::AuthenticateOptions authenticate_options(const config::Settings& settings) {
    pages::AuthenticateOptions options;
    options.strictness = settings.answers.strict_requests ? review::Strictness::strict : review::Strictness::lenient;
    options.style.echo_version = settings.answers.echo_version;
    options.style.refusal =
        settings.answers.refuse_with_403 ? review::RefusalStatus::forbidden : review::RefusalStatus::ok;
    options.scrubbed_accounts = settings.server.scrubbed_accounts;
    return options;
}

}  // namespace arngate
