#pragma once

#include "core/base/result.hpp"
#include "core/sts/caller_identity.hpp"

#include <string>
#include <string_view>

namespace arngate::sts {

struct ResponseRules {
    std::string partition = "aws";
    bool require_partition = true;  ///< the ARN's partition must be ours
    bool require_account = true;    ///< Account is 12 digits and equals the ARN's
};

/// Turns a complete STS answer into an identity or a reason. Pure. A 200 answer must be one strict JSON value of the
/// documented shape, of at most 64 KiB, else sts_bad_answer. Any other status is sts_throttled when its error code, or
/// a body that has none, holds "Throttling"; else 5xx, 408 and 429 are sts_unavailable, the other 4xx sts_denied, and
/// what STS never says (below 400) sts_bad_answer. Details name the status and the AWS error code when it looks like
/// one, never the body. `access_key_id` and `sts_host` of the result are left empty.
[[nodiscard]] Result<CallerIdentity> parse_response(int status, std::string_view body, const ResponseRules& rules);

}  // namespace arngate::sts
