#include "core/auth/authenticator.hpp"

#include "core/base/log.hpp"
#include "core/identity/single_flight.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <new>
#include <utility>
#include <vector>

namespace arngate::auth {

namespace asio = boost::asio;

namespace {

using Verified = Result<sts::CallerIdentity>;

/// When the parser lets a token pass.
struct TokenTime {
    WallTime from;
    WallTime until;
};

Proof refuse(Error error) {
    return {std::unexpected(std::move(error)), ProvenBy::nobody};
}

/// Whether the cache may know it. All other tokens cost no hash.
bool may_be_cached(std::string_view token, const token::ParseRules& rules) {
    return token.size() <= rules.max_token_bytes && token.starts_with(token::token_prefix);
}

/// Since when the parser lets a token pass that was signed at this time.
WallTime good_from(WallTime signed_at, const token::ParseRules& rules) {
    return rules.max_ahead ? signed_at - *rules.max_ahead : WallTime::min();
}

/// Owns the URL until the verifier is done with it.
asio::awaitable<Verified> verify(sts::Verifier& verifier, token::PresignedUrl url, Deadline deadline) {
    Verified verified = co_await verifier.verify(url, deadline);
    co_return verified;
}

}  // namespace

/// Outlives the Authenticator for as long as calls to STS are under way; once closed, it only lets them end.
struct Authenticator::State {
    State(
        asio::any_io_executor loop,
        const Clock& time,
        const AuthenticatorOptions& settings,
        identity::VerificationCache& verified,
        sts::Verifier& prover,
        MetricsRegistry& metrics
    )
        : executor(std::move(loop)),
          clock(time),
          options(settings),
          cache(verified),
          verifier(prover),
          pending(metrics.gauge("arngate_reviews_pending", "Reviews that wait for STS.")),
          shared(metrics.counter(
              "arngate_single_flight_shared_total", "Reviews that shared the STS call of another review of their token."
          )) {}

    /// Begins the call for the first waiter of a key.
    static void start(const std::shared_ptr<State>& state, const identity::TokenKey& key, token::PresignedUrl url) {
        const TokenTime time{good_from(url.signed_at(), state->options.rules), url.good_until()};
        const Deadline deadline(state->clock.steady() + state->options.review_timeout);
        asio::co_spawn(
            state->executor,
            verify(state->verifier, std::move(url), deadline),
            [state, key, time](const std::exception_ptr& failure, Verified verified) {
                state->finish(key, time, failure, std::move(verified));
            }
        );
    }

    void finish(const identity::TokenKey& key, TokenTime time, const std::exception_ptr& failure, Verified verified) {
        if (closed) {
            return;  // all who waited have their answer, and the cache may be gone
        }
        const Proof proof = settle(key, time, failure, std::move(verified));
        answer(take(key), proof);
    }

    /// Never throws: whoever waits gets an answer.
    [[nodiscard]] Proof settle(
        const identity::TokenKey& key, TokenTime time, const std::exception_ptr& failure, Verified verified
    ) {
        if (failure) {
            log::error("the verification of a token ended with an exception");
            return refuse({Reason::internal_error, "the verification failed"});
        }
        if (!verified) {
            return refuse(std::move(verified.error()));
        }
        try {
            auto identity = std::make_shared<const sts::CallerIdentity>(*std::move(verified));
            cache.insert(key, identity, time.until, clock.steady(), time.from);
            return {std::move(identity), ProvenBy::sts};
        } catch (const std::bad_alloc&) {
            return refuse({Reason::internal_error, "no memory for the identity"});
        }
    }

    [[nodiscard]] std::vector<Later> take(const identity::TokenKey& key) {
        std::vector<Later> waiters = flights.take(key);
        pending.add(-static_cast<double>(waiters.size()));
        return waiters;
    }

    void close() {
        closed = true;
        std::vector<Later> waiters = flights.take_all();
        pending.add(-static_cast<double>(waiters.size()));
        answer(std::move(waiters), refuse({Reason::sts_unreachable, "the server is shutting down"}));
    }

    /// A waiter may come back with another review, or destroy the authenticator.
    static void answer(std::vector<Later> waiters, const Proof& proof) {
        for (Later& later : waiters) {
            try {
                later(proof);
            } catch (...) {
                log::error("a review could not be answered");
            }
        }
    }

    asio::any_io_executor executor;
    const Clock& clock;
    AuthenticatorOptions options;
    identity::VerificationCache& cache;
    sts::Verifier& verifier;
    Gauge& pending;
    Counter& shared;
    identity::SingleFlight<identity::TokenKey, Later, identity::TokenKeyHash> flights;
    bool closed = false;
};

Authenticator::Authenticator(
    asio::any_io_executor executor,
    const Clock& clock,
    AuthenticatorOptions options,
    identity::VerificationCache& cache,
    sts::Verifier& verifier,
    MetricsRegistry& metrics
)
    : state_(std::make_shared<State>(std::move(executor), clock, options, cache, verifier, metrics)) {}

Authenticator::~Authenticator() {
    state_->close();
}

std::optional<Proof> Authenticator::prove(std::string_view token, Later later) {
    const token::ParseRules& rules = state_->options.rules;
    const WallTime wall = state_->clock.wall();
    identity::TokenKey key;
    if (may_be_cached(token, rules)) {
        key = state_->cache.key_of(token);
        if (auto identity = state_->cache.find(key, wall, state_->clock.steady())) {
            return Proof{std::move(identity), ProvenBy::cache};
        }
    }
    Result<token::PresignedUrl> url = token::PresignedUrl::parse(token, rules, wall);
    if (!url) {
        return refuse(std::move(url.error()));
    }
    if (state_->flights.waiting() >= state_->options.max_pending) {
        return refuse({Reason::overloaded, "too many reviews wait for STS"});
    }
    const bool is_first = state_->flights.join(key, std::move(later));
    state_->pending.add(1);
    if (!is_first) {
        state_->shared.add();
        return std::nullopt;
    }
    try {
        State::start(state_, key, *std::move(url));
    } catch (const std::exception&) {
        // Nothing was begun: the one waiter, `later`, is let go and the answer is given here.
        static_cast<void>(state_->take(key));
        return refuse({Reason::internal_error, "the verification could not be started"});
    }
    return std::nullopt;
}

std::size_t Authenticator::pending() const noexcept {
    return state_->flights.waiting();
}

}  // namespace arngate::auth
