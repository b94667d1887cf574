#pragma once

#include "core/base/reason.hpp"
#include "core/mapping/table.hpp"
#include "core/review/token_review.hpp"
#include "core/sts/caller_identity.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace arngate::review {

enum class RefusalStatus : std::uint8_t {
    ok,         ///< 200 with authenticated:false; 429 and 503 with Retry-After for trouble at STS
    forbidden,  ///< 403 for all refusals, 429 for throttling, as the Go server answers
};

/// How answers look; the two profiles are two values of this.
struct AnswerStyle {
    bool echo_version = true;  ///< kind and apiVersion of the request stand in the answer
    RefusalStatus refusal = RefusalStatus::ok;
};

/// Status and headers that go with a body.
struct AnswerHead {
    unsigned status = 200;
    std::string_view content_type = "application/json; charset=UTF-8";
    unsigned retry_after_seconds = 0;  ///< 0: no such header
};

/// Kubernetes' uid for the identity: "aws-iam-authenticator:<account>:<user id>", or for scrubbed accounts
/// "aws-iam-authenticator:administrative:<username>".
[[nodiscard]] std::string user_uid(const sts::CallerIdentity& identity, std::string_view username, bool scrubbed);

/// Appends the body of a granted review to `out`.
AnswerHead encode_granted(
    std::string& out,
    const AnswerStyle& style,
    ApiVersion version,
    const mapping::KubernetesUser& user,
    const sts::CallerIdentity& identity,
    bool scrubbed
);

/// Appends the body of a review that was not granted. `version` may be none if the request could not be read.
AnswerHead encode_refused(std::string& out, const AnswerStyle& style, ApiVersion version, Reason reason);

}  // namespace arngate::review
