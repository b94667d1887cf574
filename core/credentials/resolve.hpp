#pragma once

#include "core/aws/credentials.hpp"
#include "core/aws/sts_hosts.hpp"
#include "core/credentials/client_settings.hpp"
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

}  // namespace arngate::credentials
