#pragma once

#include "core/aws/credentials.hpp"
#include "core/base/clock.hpp"
#include "core/base/secret.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// AWS Signature Version 4 (docs.aws.amazon.com, "Signature Version 4 signing process"), for requests without a body.
namespace arngate::aws {

/// Name and value, not yet encoded.
using QueryParameter = std::pair<std::string, std::string>;
using Header = std::pair<std::string, std::string>;

/// "20260102T030405Z"
[[nodiscard]] std::string amz_date(WallTime time);
/// The same moment as "2026-01-02T03:04:05Z", the form of RFC 3339 that AWS's and Kubernetes' JSON documents have.
[[nodiscard]] std::string iso_date(WallTime time);
/// Exactly 16 characters with real calendar values, else nothing.
[[nodiscard]] std::optional<WallTime> parse_amz_date(std::string_view text) noexcept;

struct SigningScope {
    std::string date;  ///< yyyymmdd
    std::string region;
    std::string service;
    [[nodiscard]] std::string text() const;  ///< "20260102/us-east-1/sts/aws4_request"
};

/// "host;x-amz-date" of headers that are sorted by name.
[[nodiscard]] std::string header_names(const std::vector<Header>& sorted);
/// The canonical request. Parameters are encoded and sorted here; header names must be lower case already, values are
/// trimmed and inner runs of blanks made one. Only the given headers are signed. `payload_hash` is hex.
[[nodiscard]] std::string canonical_request(
    std::string_view method,
    std::string_view path,
    std::vector<QueryParameter> parameters,
    std::vector<Header> headers,
    std::string_view payload_hash
);
[[nodiscard]] std::string string_to_sign(
    std::string_view amz_date, const SigningScope& scope, std::string_view canonical_request
);
/// The signature, 64 hex digits.
[[nodiscard]] std::string signature(
    std::string_view secret_access_key, const SigningScope& scope, std::string_view string_to_sign
);
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

struct PresignRequest {
    std::string host;
    std::string path = "/";
    std::string region;
    std::string service;
    std::vector<QueryParameter> parameters;  ///< without the X-Amz-* ones
    std::vector<Header> extra_headers;       ///< signed beside host, lower-case names
    std::chrono::seconds expires{60};
};

/// A presigned GET URL: the sorted parameters, then X-Amz-Signature last. The URL is a credential.
[[nodiscard]] Secret presign(const PresignRequest& request, const Credentials& credentials, WallTime now);

}  // namespace arngate::aws
