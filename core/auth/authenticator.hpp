#pragma once

#include "core/auth/knowledge.hpp"
#include "core/auth/proof.hpp"
#include "core/base/clock.hpp"
#include "core/base/metrics.hpp"
#include "core/sts/client.hpp"
#include "core/token/presigned_url.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace arngate::auth {

struct AuthenticatorOptions {
    token::ParseRules rules;
    std::chrono::milliseconds review_timeout{20000};  ///< for the STS call with its retries
    /// The same where an identity that STS proved earlier can stand in for its answer.
    std::chrono::milliseconds patience_with_stand_in{2000};
    std::size_t max_pending = 8192;  ///< reviews that wait for STS on all loops together
};

/// From token to identity on one event loop: cache, parse, and for a miss one STS call that all reviews of the same
/// token share, whichever loops they came to. The cache comes first since what is in it has passed every check of the
/// parser under the same rules, and knows when it would no longer. A hit or a refusal is answered in the call itself;
/// only a miss waits. Success is remembered, and for a short while that STS denied a token. Where STS cannot be asked
/// (unreachable, server error, throttling, or too many waiting), what it proved earlier stays good to the token's end,
/// if the cache keeps it. Not thread-safe; what is shared with other loops is in `Knowledge`.
///
/// Metrics: arngate_reviews_pending (summed over the loops), arngate_single_flight_shared_total.
class Authenticator {
public:
    using Later = std::move_only_function<void(Proof)>;

    /// All references must outlive the authenticator, and the verifier also the calls that it has begun, which end with
    /// their deadline or with the loop. `executor` is the loop it lives on.
    Authenticator(
        boost::asio::any_io_executor executor,
        const Clock& clock,
        AuthenticatorOptions options,
        Knowledge& knowledge,
        sts::Verifier& verifier,
        MetricsRegistry& metrics
    );
    /// Reviews that still wait are answered here, with sts_unreachable. What their `later` does must not use the
    /// authenticator.
    ~Authenticator();
    Authenticator(const Authenticator&) = delete;
    Authenticator& operator=(const Authenticator&) = delete;

    /// Answers at once (a value; `later` is not called and is destroyed) or promises to call `later` exactly once on
    /// this loop, even when it is closed meanwhile. `later` must not throw; what it throws is logged and dropped, so
    /// that the other reviews get their answers. The token is not kept.
    [[nodiscard]] std::optional<Proof> prove(std::string_view token, Later later);

    /// Reviews that wait for STS.
    [[nodiscard]] std::size_t pending() const noexcept;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace arngate::auth
