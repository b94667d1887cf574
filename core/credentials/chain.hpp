#pragma once

#include "core/aws/credentials.hpp"
#include "core/base/clock.hpp"
#include "core/credentials/source.hpp"
#include "core/credentials/sts_source.hpp"
#include "core/credentials/trace.hpp"

#include <chrono>
#include <expected>
#include <functional>
#include <string>

/// The chain of AWS credential sources, as the AWS CLI follows it: docs/credentials.md.
namespace arngate::credentials {

/// What a chain works with. What is referred to must outlive it.
struct ChainContext {
    Environment environment;
    const Clock& clock;
    Transport& transport;
    std::string profile{};   ///< instead of the one that AWS_PROFILE names; empty: that one
    std::string region{};    ///< of calls to STS; empty: the one that environment and profile name
    MfaPrompt mfa_prompt{};  ///< empty: a role that wants an MFA code cannot be assumed
    ChildOptions child{};    ///< for credential_process
    std::chrono::milliseconds network_budget{30'000};  ///< of all calls of one resolution together
};

struct Resolution {
    std::expected<aws::Credentials, Failure> credentials;
    /// Of the environment, else of the profile; empty if neither names one. Set whatever became of the credentials, as
    /// long as the files could be read.
    std::string region;
    Trace trace;
};

/// Finds credentials anew at each call; keeps none. Blocks. Not thread-safe.
///
/// Environment, profile (profile_source.hpp says in which order), container service, instance metadata: the first that
/// is configured decides, and where it fails the others are not asked, so that nobody acts under an identity that they
/// did not mean. Nothing is asked over the network where an earlier source answers.
class Chain {
public:
    explicit Chain(ChainContext context);

    /// Credentials that are good now. The failure of a chain that ran dry names every source and what it said.
    [[nodiscard]] Resolution resolve();

    /// The credentials of a role on top, assumed with others, such as those that resolve() gave.
    [[nodiscard]] Resolution assume(const RoleToAssume& role, const aws::Credentials& base);

    /// The session name of credentials, as session_name_of says.
    [[nodiscard]] std::expected<std::string, Failure> session_name(const aws::Credentials& credentials);

private:
    [[nodiscard]] Resolution with_means(
        const std::function<std::expected<aws::Credentials, Failure>(Means& means)>& resolve_with
    );

    ChainContext context_;
};

}  // namespace arngate::credentials
