#pragma once

#include "core/credentials/source.hpp"

#include <expected>
#include <string>

/// Credentials that a container service gives over HTTP: tasks of ECS and pods with an EKS Pod Identity.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
namespace arngate::credentials {

/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, then AWS_CONTAINER_CREDENTIALS_FULL_URI, with the token of
/// AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or AWS_CONTAINER_AUTHORIZATION_TOKEN. Without TLS a full URI may only name
/// this machine or an address of the container services.
[[nodiscard]] Found from_container(Means& means);

/// What the service answers: AccessKeyId, SecretAccessKey, Token, Expiration. Wipes the body.
[[nodiscard]] std::expected<aws::Credentials, std::string> parse_container_credentials(std::string& body);

}  // namespace arngate::credentials
