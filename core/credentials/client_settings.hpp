#pragma once

#include "core/aws/sts_hosts.hpp"
#include "core/credentials/environment.hpp"
#include "core/credentials/shared_config.hpp"
#include "core/credentials/transport.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

/// What environment and profile say about how AWS is talked to ("AWS SDKs and Tools settings reference").
namespace arngate::credentials {

/// How AWS_STS_REGIONAL_ENDPOINTS wants STS to be found.
enum class StsEndpoints : std::uint8_t {
    regional,  ///< the default: that of the region
    legacy     ///< sts.amazonaws.com for the regions that existed before regional endpoints did
};

/// Of the instance metadata service.
struct MetadataSettings {
    bool disabled = false;
    bool v1_disabled = false;
    net::Endpoint endpoint;
    std::chrono::seconds timeout{1};  ///< of one request, 1 to 60
    unsigned attempts = 1;            ///< of one request, 1 to 10

    /// The error names the place of a value that cannot be used.
    [[nodiscard]] static std::expected<MetadataSettings, std::string> load(
        const Environment& environment, const SharedConfig& shared
    );
};

struct ClientSettings {
    std::string region;  ///< empty: none is set
    aws::EndpointVariant variant = aws::EndpointVariant::plain;
    StsEndpoints sts_endpoints = StsEndpoints::regional;
    std::string ca_bundle;  ///< AWS_CA_BUNDLE, `ca_bundle`; empty: the system's certificates

    /// The error names the place of a value that cannot be used.
    [[nodiscard]] static std::expected<ClientSettings, std::string> load(
        const Environment& environment, const SharedConfig& shared
    );
};

/// AWS_REGION, AWS_DEFAULT_REGION, then the profile's `region`; empty if none says.
[[nodiscard]] std::string resolve_region(const Environment& environment, const SharedConfig& shared);

/// AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, then the profile's keys of those names. A value other than
/// true and false is an error, which names its place.
[[nodiscard]] std::expected<aws::EndpointVariant, std::string> resolve_endpoint_variant(
    const Environment& environment, const SharedConfig& shared
);

/// Services whose endpoint may be configured.
enum class Service : std::uint8_t { sts, sso, sso_oidc, signin };

/// The configured endpoint of a service, in this order: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, `endpoint_url` of
/// the service in the profile's `services` section, `endpoint_url` of the profile. Nothing when none is set or
/// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS (`ignore_configured_endpoint_urls`) is true. The error names the place.
[[nodiscard]] std::expected<std::optional<Url>, std::string> configured_endpoint(
    const Environment& environment, const SharedConfig& shared, Service service
);

/// The configured endpoint, else the service's own of that region, of the variant that is asked for. STS has rules of
/// its own on top: see sts_source.
[[nodiscard]] std::expected<Url, std::string> service_endpoint(
    const Environment& environment, const SharedConfig& shared, Service service, std::string_view region
);

}  // namespace arngate::credentials
