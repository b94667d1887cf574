#pragma once

#include "core/aws/credentials.hpp"
#include "core/aws/sts_hosts.hpp"
#include "core/credentials/environment.hpp"
#include "core/credentials/shared_config.hpp"

#include <expected>
#include <optional>
#include <string>

namespace arngate::credentials {

/// Long-lived or temporary keys from the environment, else from the profile in use; nothing where neither names any
/// kind of credentials. Needs no network. Where the keys would have to be fetched (an assumed role, SSO, a process, a
/// container service) the error names what was found and what works instead. Never falls from a kind of credentials
/// that was asked for to a weaker match.
[[nodiscard]] std::expected<std::optional<aws::Credentials>, std::string> find_credentials(
    const Environment& environment, const SharedConfig& shared
);

/// The places where find_credentials() found nothing, each with its state.
[[nodiscard]] std::string places_looked_at(const SharedConfig& shared);

/// As find_credentials(); finding nothing is an error too, which names every place that was looked at.
[[nodiscard]] std::expected<aws::Credentials, std::string> resolve_credentials(
    const Environment& environment, const SharedConfig& shared
);

/// AWS_REGION, AWS_DEFAULT_REGION, then the profile's `region`; empty if none says.
[[nodiscard]] std::string resolve_region(const Environment& environment, const SharedConfig& shared);

/// AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, then the profile's keys of those names. A value other than
/// true and false is an error, which names its place.
[[nodiscard]] std::expected<aws::EndpointVariant, std::string> resolve_endpoint_variant(
    const Environment& environment, const SharedConfig& shared
);

}  // namespace arngate::credentials
