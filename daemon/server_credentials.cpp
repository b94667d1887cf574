#include "daemon/server_credentials.hpp"

#include "core/credentials/resolve.hpp"
#include "core/credentials/shared_config.hpp"
#include "daemon/metadata_service.hpp"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <utility>

namespace arngate {

namespace {

/// Three requests stay within what the loop of the look-ups is waited for at the end.
constexpr std::chrono::milliseconds request_limit{250};

std::expected<aws::Credentials, std::string> ask_instance(const credentials::Environment& environment) {
    const auto service = metadata_service(environment);
    if (!service) {
        return std::unexpected(service.error());
    }
    if (!*service) {
        return std::unexpected("not asked, as AWS_EC2_METADATA_DISABLED is true");
    }
    return sts::ask_instance_credentials(**service, request_limit);
}

}  // namespace

ServerCredentials::ServerCredentials(const Clock& clock, credentials::Environment environment)
    : environment_(std::move(environment)), instance_(clock, [this] { return ask_instance(environment_); }) {}

std::expected<sts::CredentialsSource::Pointer, std::string> ServerCredentials::read() {
    const auto shared = credentials::SharedConfig::load(environment_);
    if (!shared) {
        return std::unexpected(shared.error());
    }
    auto found = credentials::find_credentials(environment_, *shared);
    if (!found) {
        return std::unexpected(std::move(found.error()));
    }
    if (*found) {
        return std::make_shared<const aws::Credentials>(*std::move(*found));
    }
    auto given = instance_.get();
    if (!given) {
        return std::unexpected(fmt::format(
            "no AWS credentials found. Looked at: {}, the instance metadata ({})",
            credentials::places_looked_at(*shared),
            given.error()
        ));
    }
    return given;
}

}  // namespace arngate
