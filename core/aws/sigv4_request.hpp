#pragma once

#include "core/aws/credentials.hpp"
#include "core/aws/sigv4.hpp"
#include "core/base/clock.hpp"
#include "core/base/secret.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Signature Version 4 in the Authorization header, as AWS services of the query protocol take it
/// (docs.aws.amazon.com, "Create a signed AWS API request").
namespace arngate::aws {

struct RequestToSign {
    std::string_view method = "GET";
    std::string host;
    std::string path = "/";
    std::string region;
    std::string service;
    std::vector<QueryParameter> parameters;  ///< of the URL, not yet encoded
    std::vector<Header> headers;             ///< signed beside host and the x-amz-* ones added here; lower-case names
    std::string_view body;                   ///< hashed into the signature
};

struct SignedRequest {
    std::string target;           ///< path and query
    std::vector<Header> headers;  ///< those of the request, x-amz-date, x-amz-security-token, authorization; no host
};

/// Signs with the credentials, for five minutes around `now`. The headers of the result are credentials: not for logs.
[[nodiscard]] SignedRequest sign_request(const RequestToSign& request, const Credentials& credentials, WallTime now);

}  // namespace arngate::aws
