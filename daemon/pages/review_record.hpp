#pragma once

#include "core/auth/authenticator.hpp"
#include "core/base/clock.hpp"
#include "core/base/reason.hpp"
#include "core/mapping/table.hpp"
#include "core/sts/caller_identity.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace arngate::pages {

/// What is known of one review when its answer has been written: enough for its log lines and metrics. No token.
struct ReviewRecord {
    std::string client;
    std::string method;
    std::string path;
    SteadyTime started;
    Reason reason = Reason::none;
    std::string detail;
    auth::ProvenBy proven_by = auth::ProvenBy::nobody;
    std::shared_ptr<const sts::CallerIdentity> identity;  ///< none before it is proven
    mapping::KubernetesUser user;                         ///< empty unless granted
    bool scrubbed = false;                                ///< the account's ARNs stay out of the log
    bool wrong_method = false;
};

/// Writes the lines of one review: "STS response" if STS was asked for it, then "access granted", "access denied",
/// "could not parse request body" or "unexpected request method", and a warning when the break-glass file let it in.
void log_review(const ReviewRecord& record, double seconds);

}  // namespace arngate::pages
