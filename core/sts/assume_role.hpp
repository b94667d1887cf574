#pragma once

#include "core/aws/credentials.hpp"
#include "core/aws/sigv4_request.hpp"
#include "core/base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

/// AssumeRole (AWS STS API reference): what is asked, and what the answer says. Pure.
namespace arngate::sts {

struct AssumeRoleOptions {
    std::string host;    ///< of STS, e.g. "sts.eu-central-1.amazonaws.com"
    std::string region;  ///< the region that the request is signed for
    std::string role_arn;
    std::string session_name;
    std::chrono::seconds duration = std::chrono::hours(1);  ///< 15 minutes to 12 hours; STS decides
    /// The resource on whose behalf the role is assumed, for conditions on aws:SourceArn and aws:SourceAccount in the
    /// role's trust policy: sent and signed as x-amz-source-arn and x-amz-source-account. Empty: neither is sent.
    std::string source_arn;
    std::string source_account;
};

/// The request to sign with the base credentials.
[[nodiscard]] aws::RequestToSign assume_role_request(const AssumeRoleOptions& options);

/// The credentials of a complete answer (XML) to AssumeRole, or to an `action` whose answer has the same form, with
/// `expires_at` set. Errors: sts_throttled, sts_unavailable, sts_denied, sts_bad_answer; details name the status and
/// the AWS error code, never the body.
[[nodiscard]] Result<aws::Credentials> parse_assume_role(
    int status, std::string_view body, std::string_view action = "AssumeRole"
);

}  // namespace arngate::sts
