#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace arngate {

/// Why a review was not granted (or `none`). The set is closed: logs, metrics, `verify` and the answers all use these,
/// so they agree by construction. A new reason is a new row of the table in reason.cpp, a test and a line in
/// docs/reasons.md.
enum class Reason : std::uint8_t {
    none,

    // The request itself.
    bad_request,          ///< the body is not a TokenReview
    unsupported_version,  ///< a TokenReview of a version that we do not speak

    // The token, checked without asking anybody.
    token_too_large,
    bad_prefix,
    bad_encoding,
    bad_url,
    bad_scheme,
    bad_host,
    bad_path,
    bad_query,
    duplicate_param,
    unknown_param,
    bad_action,
    cluster_id_not_signed,
    bad_expires,
    bad_date,
    expired,
    from_future,

    // What STS said, or did not say.
    sts_denied,       ///< STS refused the presigned request
    sts_throttled,    ///< STS throttles
    sts_unreachable,  ///< no answer: DNS, connect, TLS, time
    sts_unavailable,  ///< STS answered 5xx
    sts_bad_answer,   ///< STS answered something that is not a caller identity of our partition

    // What the mapping said.
    not_mapped,
    reserved_username,
    template_failed,
    empty_username,
    id_mismatch,
    ec2_unavailable,  ///< EC2 gave no answer about the caller's instance

    // Ourselves.
    overloaded,
    internal_error,
};

/// The form of answer that a reason leads to; the profile turns it into a status code and a body.
enum class AnswerKind : std::uint8_t {
    granted,
    malformed,       ///< the request was not a review: 400
    denied,          ///< final for this token: kube-apiserver may cache the refusal
    denied_fixable,  ///< an operator may change it at any moment: not to be cached
    throttled,       ///< ask again later: 429
    unavailable,     ///< ask again later: 503
    failed,          ///< our own fault: 500
};

/// Whose fault it is decides the level of the log line.
enum class Blame : std::uint8_t { nobody, client, upstream, ours };

struct ReasonInfo {
    Reason reason;
    std::string_view label;  ///< in logs and metrics, e.g. "bad_host"
    AnswerKind answer;
    Blame blame;
    std::string_view
        peer_result;           ///< value of the `result` label of aws_iam_authenticator_authenticate_latency_seconds
    std::string_view summary;  ///< one sentence for people
    std::string_view advice;   ///< what the reader can do about it
};

/// The row of one reason. Never fails.
[[nodiscard]] const ReasonInfo& info(Reason reason) noexcept;

/// All rows, in the order of the enum.
[[nodiscard]] std::span<const ReasonInfo> all_reasons() noexcept;

[[nodiscard]] inline std::string_view label(Reason reason) noexcept {
    return info(reason).label;
}

}  // namespace arngate
