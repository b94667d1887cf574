#pragma once

#include "core/base/clock.hpp"
#include "core/credentials/environment.hpp"
#include "core/sts/credentials_source.hpp"
#include "core/sts/instance_credentials.hpp"

#include <expected>
#include <string>

namespace arngate {

/// The AWS credentials of the server itself: those of the environment, else of the shared files; where neither names
/// any kind of credentials, those of the role of the EC2 instance, unless AWS_EC2_METADATA_DISABLED is "true".
/// Variables and files are read at each call, the instance's credentials are kept. Not thread-safe.
class ServerCredentials {
public:
    /// The clock must outlive the object.
    ServerCredentials(const Clock& clock, credentials::Environment environment);
    ServerCredentials(const ServerCredentials&) = delete;
    ServerCredentials& operator=(const ServerCredentials&) = delete;

    /// Never null. Blocks, where the instance is asked for three quarters of a second at most. The error names every
    /// place that was tried and holds no secret.
    [[nodiscard]] std::expected<sts::CredentialsSource::Pointer, std::string> read();
    /// AWS refused what read() gave.
    void refused() noexcept { instance_.refused(); }

private:
    credentials::Environment environment_;
    sts::InstanceCredentials instance_;
};

}  // namespace arngate
