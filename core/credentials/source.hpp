#pragma once

#include "core/aws/credentials.hpp"
#include "core/base/child_process.hpp"
#include "core/base/clock.hpp"
#include "core/base/deadline.hpp"
#include "core/base/secret.hpp"
#include "core/credentials/environment.hpp"
#include "core/credentials/shared_config.hpp"
#include "core/credentials/trace.hpp"
#include "core/credentials/transport.hpp"

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// What the sources of the chain share. Not for those who only want credentials: see chain.hpp.
namespace arngate::credentials {

/// Asks the user for the code of an MFA device; the text names the device. The error is for people.
using MfaPrompt = std::function<std::expected<Secret, std::string>(std::string_view serial)>;

/// What a source works with during one resolution. All references outlive it.
struct Means {
    const Environment& environment;
    const SharedConfig& shared;
    const Clock& clock;
    Transport& transport;
    const MfaPrompt& mfa_prompt;  ///< empty: nobody can be asked
    ChildOptions child;
    std::string region;  ///< of calls to STS; empty: the one that is configured
    Deadline deadline;   ///< of all calls over the network together
    Trace& trace;
};

/// Credentials, or nothing where the source is not configured, or why it fails although it is.
using Found = std::expected<std::optional<aws::Credentials>, Failure>;

[[nodiscard]] inline std::unexpected<Failure> failed(std::string what, std::string next_step = {}) {
    return std::unexpected(Failure{.what = std::move(what), .next_step = std::move(next_step)});
}

/// A call within what is left of the deadline, tried `attempts` times while nobody answers or the answer is 429 or 5xx,
/// with a pause between.
[[nodiscard]] std::expected<net::HttpResponse, CallFailure> call(
    Means& means, const std::function<HttpCall()>& make, unsigned attempts
);

}  // namespace arngate::credentials
