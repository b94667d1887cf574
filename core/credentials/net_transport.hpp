#pragma once

#include "core/credentials/transport.hpp"
#include "core/net/proxy.hpp"

#include <expected>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

namespace arngate::credentials {

/// The real network. Certificates and names are verified; HTTPS goes through the proxy that the settings name, plain
/// HTTP never does, as it is for services of this machine. A connection is made for each call. Nothing is prepared
/// before the first call, so that a chain that needs no network costs nothing.
class NetTransport final : public Transport {
public:
    /// `stop` ends a call or a pause under way, and every later one at once.
    explicit NetTransport(net::ProxySettings proxy, std::stop_token stop = {});
    ~NetTransport() override;

    [[nodiscard]] std::expected<net::HttpResponse, CallFailure> exchange(HttpCall call) override;
    void pause(std::chrono::milliseconds span) override;

private:
    [[nodiscard]] std::expected<std::shared_ptr<net::TlsClient>, CallFailure> tls_client(const std::string& ca_bundle);

    net::ProxySettings settings_;
    std::stop_token stop_;
    std::map<std::string, std::shared_ptr<net::TlsClient>> tls_;  ///< by CA bundle
};

}  // namespace arngate::credentials
