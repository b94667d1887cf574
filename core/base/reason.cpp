#include "core/base/reason.hpp"

#include <array>
#include <cstddef>

namespace arngate {
namespace {

using enum Reason;
using enum AnswerKind;

// "uknown_user" is spelt so in the metric that existing dashboards and alerts read.
constexpr std::string_view success = "success";
constexpr std::string_view malformed_request = "malformed_request";
constexpr std::string_view invalid_token = "invalid_token";
constexpr std::string_view sts_error = "sts_error";
constexpr std::string_view sts_throttling = "sts_throttling";
constexpr std::string_view unknown_user = "uknown_user";

constexpr std::string_view mint_again = "Mint a new token (kubectl does so by itself when its exec plugin works).";
constexpr std::string_view check_client =
    "Check the program that made the token; arngate token, aws eks get-token and "
    "aws-iam-authenticator token make valid ones.";
constexpr std::string_view check_path = "Check the network path, DNS and proxy from this node to the STS endpoint.";

constexpr auto table = std::to_array<ReasonInfo>({
    {none, "none", granted, Blame::nobody, success, "the review was granted", ""},
    {bad_request,
     "bad_request",
     malformed,
     Blame::client,
     malformed_request,
     "the request body is not a TokenReview",
     "Only kube-apiserver should call this endpoint."},
    {unsupported_version,
     "unsupported_version",
     malformed,
     Blame::client,
     malformed_request,
     "the TokenReview is of a version that is not spoken here",
     "Set --authentication-token-webhook-version to v1 or v1beta1."},
    {token_too_large,
     "token_too_large",
     denied,
     Blame::client,
     invalid_token,
     "the token is larger than the limit",
     "Raise limits.tokenBytes if real session tokens need more."},
    {bad_prefix,
     "bad_prefix",
     denied,
     Blame::client,
     invalid_token,
     "the token does not begin with k8s-aws-v1.",
     "It is a token of another kind; nothing needs to be done."},
    {bad_encoding,
     "bad_encoding",
     denied,
     Blame::client,
     invalid_token,
     "the token is not unpadded base64url",
     check_client},
    {bad_url,
     "bad_url",
     denied,
     Blame::client,
     invalid_token,
     "the token does not hold a URL of the expected form",
     check_client},
    {bad_scheme, "bad_scheme", denied, Blame::client, invalid_token, "the presigned URL is not https", check_client},
    {bad_host,
     "bad_host",
     denied,
     Blame::client,
     invalid_token,
     "the presigned URL is not for an STS endpoint of this partition",
     "Compare the client's region and partition with server.partition; add new regions with sts.extraRegions."},
    {bad_path, "bad_path", denied, Blame::client, invalid_token, "the presigned URL's path is not /", check_client},
    {bad_query,
     "bad_query",
     denied,
     Blame::client,
     invalid_token,
     "the presigned URL's query is malformed",
     check_client},
    {duplicate_param,
     "duplicate_param",
     denied,
     Blame::client,
     invalid_token,
     "a query parameter occurs more than once",
     check_client},
    {unknown_param,
     "unknown_param",
     denied,
     Blame::client,
     invalid_token,
     "a query parameter is not one of a presigned GetCallerIdentity",
     check_client},
    {bad_action,
     "bad_action",
     denied,
     Blame::client,
     invalid_token,
     "the presigned request is not GetCallerIdentity",
     check_client},
    {cluster_id_not_signed,
     "cluster_id_not_signed",
     denied,
     Blame::client,
     invalid_token,
     "the x-k8s-aws-id header is not among the signed headers",
     check_client},
    {bad_expires,
     "bad_expires",
     denied,
     Blame::client,
     invalid_token,
     "X-Amz-Expires is not a whole number from 0 to 900",
     check_client},
    {bad_date,
     "bad_date",
     denied,
     Blame::client,
     invalid_token,
     "X-Amz-Date is not a time of the form YYYYMMDDTHHMMSSZ",
     check_client},
    {expired,
     "expired",
     denied,
     Blame::client,
     invalid_token,
     "the token was signed more than 15 minutes ago",
     mint_again},
    {from_future,
     "from_future",
     denied,
     Blame::client,
     invalid_token,
     "the token was signed in the future",
     "Check the clocks of the client and of this node."},
    {sts_denied,
     "sts_denied",
     denied,
     Blame::client,
     sts_error,
     "STS refused the token",
     "The signature is wrong, the credentials are gone, or the token was made for another cluster id."},
    {sts_throttled,
     "sts_throttled",
     throttled,
     Blame::upstream,
     sts_throttling,
     "STS throttles",
     "The account of the calling credentials is over its STS rate; the client will try again."},
    {sts_unreachable,
     "sts_unreachable",
     unavailable,
     Blame::upstream,
     sts_error,
     "the STS endpoint gave no answer",
     check_path},
    {sts_unavailable,
     "sts_unavailable",
     unavailable,
     Blame::upstream,
     sts_error,
     "the STS endpoint answered with a server error",
     "Wait for STS; see the AWS health dashboard."},
    {sts_bad_answer,
     "sts_bad_answer",
     denied_fixable,
     Blame::upstream,
     sts_error,
     "the STS answer is not a caller identity of this partition",
     check_path},
    {not_mapped,
     "not_mapped",
     denied_fixable,
     Blame::client,
     unknown_user,
     "the identity is not mapped to a Kubernetes user",
     "Add the role, user or account to a mapping source."},
    {reserved_username,
     "reserved_username",
     denied_fixable,
     Blame::client,
     unknown_user,
     "the mapped username begins with a reserved prefix",
     "Change the mapping or server.reservedPrefixConfig."},
    {template_failed,
     "template_failed",
     denied_fixable,
     Blame::client,
     unknown_user,
     "a username or group template could not be rendered",
     "Check the template and the session name."},
    {empty_username,
     "empty_username",
     denied_fixable,
     Blame::client,
     unknown_user,
     "the mapping renders to an empty username",
     "Give the mapping a username."},
    {id_mismatch,
     "id_mismatch",
     denied_fixable,
     Blame::client,
     unknown_user,
     "the mapping's ARN does not agree with its user id",
     "Correct the userid or the ARN of the mapping."},
    {overloaded,
     "overloaded",
     unavailable,
     Blame::ours,
     sts_error,
     "too many reviews are waiting",
     "Look at STS latency and at limits.pendingReviews."},
    {internal_error,
     "internal_error",
     failed,
     Blame::ours,
     sts_error,
     "arngate failed to decide",
     "Report it with the log lines around it."},
});

constexpr bool table_is_in_enum_order() {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (static_cast<std::size_t>(table[i].reason) != i) {
            return false;
        }
    }
    return true;
}
static_assert(table_is_in_enum_order());

}  // namespace

const ReasonInfo& info(Reason reason) noexcept {
    const auto index = static_cast<std::size_t>(reason);
    return index < table.size() ? table[index] : table.back();
}

std::span<const ReasonInfo> all_reasons() noexcept {
    return table;
}

}  // namespace arngate
