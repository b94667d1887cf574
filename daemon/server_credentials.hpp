#pragma once

#include "core/base/clock.hpp"
#include "core/credentials/environment.hpp"
#include "core/credentials/kept_credentials.hpp"
#include "core/credentials/net_transport.hpp"
#include "core/sts/credentials_source.hpp"

#include <expected>
#include <stop_token>
#include <string>

namespace arngate {

/// The AWS credentials of the server itself, of the same chain that `arngate token` follows. Those that do not end are
/// read at each call, others kept until shortly before they end. Nobody is asked for an MFA code. Not thread-safe.
class ServerCredentials {
public:
    /// The clock must outlive the object. `stop` ends a read under way.
    ServerCredentials(const Clock& clock, credentials::Environment environment, std::stop_token stop = {});
    ServerCredentials(const ServerCredentials&) = delete;
    ServerCredentials& operator=(const ServerCredentials&) = delete;

    /// Never null. Blocks, where services or a program are asked for three seconds each at most. The error names every
    /// place that was tried and holds no secret.
    [[nodiscard]] std::expected<sts::CredentialsSource::Pointer, std::string> read() { return kept_.get(); }
    /// AWS refused what read() gave.
    void refused() noexcept { kept_.refused(); }

private:
    [[nodiscard]] std::expected<aws::Credentials, std::string> resolve();

    const Clock& clock_;
    credentials::Environment environment_;
    std::stop_token stop_;
    credentials::NetTransport transport_;
    credentials::KeptCredentials kept_;
};

}  // namespace arngate
