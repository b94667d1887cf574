#pragma once

#include "core/credentials/source.hpp"

#include <expected>
#include <string>

/// The credentials of the role that an EC2 instance has.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
namespace arngate::credentials {

/// Asks the instance metadata service: in a session (IMDSv2), and without one (IMDSv1) where the service is there but
/// gives none and AWS_EC2_METADATA_V1_DISABLED does not forbid it. A service that is not there, or an instance without
/// a role, has nothing to give, and the trace says why; nothing is asked while AWS_EC2_METADATA_DISABLED is "true".
/// Fails where a setting cannot be used.
[[nodiscard]] Found from_instance(Means& means);

/// What the metadata service says of a role: JSON with Code "Success", AccessKeyId, SecretAccessKey, Token and
/// Expiration. The body is wiped. The error shows nothing of it.
[[nodiscard]] std::expected<aws::Credentials, std::string> parse_instance_credentials(std::string& body);

}  // namespace arngate::credentials
