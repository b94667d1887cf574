#include "daemon/webhook_front.hpp"

#include "core/base/log.hpp"
#include "daemon/front_options.hpp"
#include "daemon/webhook_files.hpp"

#include <utility>

namespace arngate {

std::expected<WebhookFront, std::string> prepare_webhook(
    const config::Settings& settings, WallTime now, ListeningSockets& listening, std::size_t loops
) {
    const http::TlsServerOptions tls_options = tls_server_options(settings);
    auto stamps = CertificateWatch::stamps_of(tls_options);
    const auto pair = prepare_key_pair(settings, now);
    if (!pair) {
        return std::unexpected(pair.error());
    }
    if (pair->not_after <= now) {
        log::warning("the certificate of the webhook has ended; remove it to have a new one made for the same key");
    }
    if (pair->origin != pki::KeyPairOrigin::loaded) {
        stamps = CertificateWatch::stamps_of(tls_options);  // of what was made here
    }
    auto tls = http::make_tls_server(tls_options);
    if (!tls) {
        return std::unexpected(std::move(tls).error());
    }
    auto sockets = listening.webhook({settings.server.address, settings.server.port}, loops);
    if (!sockets) {
        return std::unexpected(std::move(sockets).error());
    }
    WebhookFront front{
        .tls = *std::move(tls),
        .certificate_end = pair->not_after,
        .certificate_stamps = std::move(stamps),
        .sockets = *std::move(sockets)
    };
    if (!settings.server.kubeconfig_pregenerated) {
        auto written = prepare_kubeconfig(settings, *pair, front.port());
        if (!written) {
            return std::unexpected(std::move(written).error());
        }
    }
    return front;
}

}  // namespace arngate
