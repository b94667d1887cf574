#pragma once

#include "core/base/secret.hpp"
#include "core/credentials/source.hpp"

#include <expected>
#include <string>

namespace arngate::credentials {

/// The credentials that a profile's `credential_process` prints. The program is run without a shell, for a minute at
/// most, and writes 64 KiB at most.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
[[nodiscard]] Found from_process(Means& means, const std::string& profile);

/// What such a program prints: JSON with Version 1, AccessKeyId, SecretAccessKey, and optionally SessionToken and
/// Expiration. The error shows nothing of it.
[[nodiscard]] std::expected<aws::Credentials, std::string> parse_process_output(Secret output);

}  // namespace arngate::credentials
