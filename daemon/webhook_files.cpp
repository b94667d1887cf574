#include "daemon/webhook_files.hpp"

#include "core/base/log.hpp"
#include "daemon/pki/rotation.hpp"
#include "daemon/pki/webhook_kubeconfig.hpp"

#include <fmt/format.h>

namespace arngate {

KeyPairFiles key_pair_files(const config::Settings& settings) {
    const config::ServerSettings& server = settings.server;
    if (!server.tls.cert_file.empty()) {
        return {server.tls.cert_file, server.tls.key_file};
    }
    return {server.state_dir + "/cert.pem", server.state_dir + "/key.pem"};
}

pki::KeyPairRequest key_pair_request(const config::Settings& settings) {
    const KeyPairFiles files = key_pair_files(settings);
    pki::KeyPairRequest request;
    request.certificate_file = files.certificate;
    request.key_file = files.key;
    request.algorithm =
        settings.profile == config::Profile::reference ? pki::KeyAlgorithm::rsa_2048 : pki::KeyAlgorithm::ecdsa_p256;
    request.address = settings.server.address;
    request.hostname = settings.server.hostname;
    return request;
}

std::expected<pki::KeyPair, std::string> prepare_key_pair(const config::Settings& settings, WallTime now) {
    const KeyPairFiles files = key_pair_files(settings);
    if (!settings.server.tls.cert_file.empty()) {
        // Files that somebody else provides are that one's to make.
        auto pair = pki::load_key_pair(files.certificate, files.key);
        if (pair) {
            log::info("loaded existing keypair", {{"certPath", files.certificate}, {"keyPath", files.key}});
        }
        return pair;
    }
    const pki::KeyPairRequest request = key_pair_request(settings);
    auto pair = pki::load_or_create_key_pair(request, now);
    if (!pair) {
        return pair;
    }
    switch (pair->origin) {
        case pki::KeyPairOrigin::loaded:
            log::info("loaded existing keypair", {{"certPath", files.certificate}, {"keyPath", files.key}});
            break;
        case pki::KeyPairOrigin::generated:
            log::info("generated a new private key and certificate", {{"hostname", request.hostname}});
            log::info("saving new key and certificate", {{"certPath", files.certificate}, {"keyPath", files.key}});
            break;
        case pki::KeyPairOrigin::new_certificate:
            log::warning(
                "the certificate was missing: made a new one for the existing key",
                {{"certPath", files.certificate}, {"keyPath", files.key}}
            );
            break;
    }
    return pair;
}

namespace {

/// Certificates of somebody else's making are not ours to rotate.
std::string anchors_of(const config::Settings& settings, const pki::KeyPair& pair) {
    if (!settings.server.tls.cert_file.empty()) {
        return pki::leaf_certificate(pair.certificate_pem);
    }
    const KeyPairFiles files = key_pair_files(settings);
    return pki::trust_anchors(pki::rotation_files(files.certificate, files.key), pair);
}

}  // namespace

std::expected<void, std::string> prepare_kubeconfig(
    const config::Settings& settings, const pki::KeyPair& pair, std::uint16_t port
) {
    const std::string& path = settings.server.generate_kubeconfig;
    log::info("writing webhook kubeconfig file", {{"kubeconfigPath", path}});
    const pki::ClientCertificate client{settings.server.tls.client_cert_file, settings.server.tls.client_key_file};
    return pki::write_webhook_kubeconfig(
        path, pki::webhook_kubeconfig(anchors_of(settings, pair), settings.server.hostname, port, client)
    );
}

std::string api_server_hint(const config::Settings& settings) {
    return fmt::format(
        "reconfigure your apiserver with `--authentication-token-webhook-config-file={}` to enable (assuming default "
        "hostPath mounts)",
        settings.server.generate_kubeconfig
    );
}

}  // namespace arngate
