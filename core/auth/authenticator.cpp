#include "core/auth/authenticator.hpp"

#include "core/base/log.hpp"
#include "core/identity/single_flight.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <new>
#include <unordered_map>
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

/// STS has not said anything about the token itself, and an earlier word of its stays good.
bool is_outage(Reason reason) {
    return reason == Reason::sts_unreachable || reason == Reason::sts_unavailable || reason == Reason::sts_throttled ||
           reason == Reason::overloaded;
}

}  // namespace

/// Outlives the Authenticator for as long as calls to STS are under way; once closed, it only lets them end.
struct Authenticator::State : std::enable_shared_from_this<State> {
    /// What this loop does about a token that its reviews wait for.
    enum class Role : std::uint8_t { asks, waits_for_another_loop };

    /// One call to STS: what is asked, and what is needed when it ends.
    struct Flight {
        identity::TokenKey key;
        token::PresignedUrl url;
        TokenTime time;

        /// Of the host table, which outlives all.
        [[nodiscard]] std::string_view endpoint() const noexcept { return url.host().name; }
    };

    State(
        asio::any_io_executor loop,
        const Clock& time,
        const AuthenticatorOptions& settings,
        Knowledge& shared_knowledge,
        sts::Verifier& prover,
        MetricsRegistry& metrics
    )
        : executor(std::move(loop)),
          clock(time),
          options(settings),
          knowledge(shared_knowledge),
          verifier(prover),
          pending(metrics.gauge("arngate_reviews_pending", "Reviews that wait for STS.")),
          shared(metrics.counter(
              "arngate_single_flight_shared_total", "Reviews that shared the STS call of another review of their token."
          )) {}

    /// What is already known of a token beyond its cache entry, or came to be known while another loop asked.
    [[nodiscard]] std::optional<Proof> recall(const identity::TokenKey& key, WallTime wall) {
        const SteadyTime steady = clock.steady();
        if (auto identity = knowledge.cache.peek(key, wall, steady)) {
            return Proof{std::move(identity), ProvenBy::cache};
        }
        if (auto refusal = knowledge.refusals.find(key, steady)) {
            return refuse(std::move(*refusal));
        }
        return std::nullopt;
    }

    /// For the first waiter of a key: begins the call, or waits for the loop that has. A value: nothing was begun, and
    /// that is the answer.
    [[nodiscard]] std::optional<Proof> begin(const identity::TokenKey& key, token::PresignedUrl url, WallTime wall) {
        const bool is_first =
            knowledge.flights.join(key, this, [loop = executor, weak = weak_from_this(), key](const Proof& proof) {
                asio::post(loop, [weak, key, proof] {
                    if (const auto state = weak.lock()) {
                        state->answer(state->take(key), proof);
                    }
                });
            });
        if (!is_first) {
            roles.emplace(key, Role::waits_for_another_loop);
            shared.add();
            return std::nullopt;
        }
        // Another loop may have ended its flight between our look into the cache and now.
        if (auto known = recall(key, wall)) {
            knowledge.flights.land(key, *known);
            return known;
        }
        try {
            roles.emplace(key, Role::asks);
            start(key, std::move(url));
        } catch (const std::exception&) {
            roles.erase(key);
            Proof failure = refuse({Reason::internal_error, "the verification could not be started"});
            knowledge.flights.land(key, failure);
            return failure;
        }
        return std::nullopt;
    }

    void start(const identity::TokenKey& key, token::PresignedUrl url) {
        const TokenTime time{good_from(url.signed_at(), options.rules), url.good_until()};
        auto flight = std::make_unique<const Flight>(key, std::move(url), time);
        const Deadline deadline(clock.steady() + patience(key));
        auto verifying = verifier.verify(flight->url, deadline);
        // The handler outlives the coroutine, whose URL it keeps.
        asio::co_spawn(
            executor,
            std::move(verifying),
            [state = shared_from_this(), flight = std::move(flight)](
                const std::exception_ptr& failure, Verified verified
            ) { state->finish(*flight, failure, std::move(verified)); }
        );
    }

    /// How long STS, and the turn to ask it, may take.
    [[nodiscard]] std::chrono::milliseconds patience(const identity::TokenKey& key) const {
        const bool has_stand_in = knowledge.cache.find_stale(key, clock.wall()) != nullptr;
        return has_stand_in ? std::min(options.review_timeout, options.patience_with_stand_in) : options.review_timeout;
    }

    void finish(const Flight& flight, const std::exception_ptr& failure, Verified&& verified) {
        if (closed) {
            return;  // all who waited have their answer, and what is shared may be gone
        }
        // What is learnt goes into the stores before the flight ends: whoever comes after it finds it there.
        const Proof proof = settle(flight, failure, std::move(verified));
        knowledge.flights.land(flight.key, proof);
        answer(take(flight.key), proof);
    }

    /// Never throws: whoever waits gets an answer.
    [[nodiscard]] Proof settle(const Flight& flight, const std::exception_ptr& failure, Verified&& verified) {
        if (failure) {
            log::error("the verification of a token ended with an exception");
            return refuse({Reason::internal_error, "the verification failed"});
        }
        try {
            if (!verified) {
                return settle_failure(flight, std::move(verified.error()));
            }
            knowledge.outages.answered(flight.endpoint());
            auto identity = std::make_shared<const sts::CallerIdentity>(*std::move(verified));
            knowledge.cache.insert(flight.key, identity, flight.time.until, clock.steady(), flight.time.from);
            return {std::move(identity), ProvenBy::sts};
        } catch (const std::bad_alloc&) {
            return refuse({Reason::internal_error, "no memory for what STS said"});
        }
    }

    [[nodiscard]] Proof settle_failure(const Flight& flight, Error error) {
        if (error.reason == Reason::sts_denied) {
            knowledge.outages.answered(flight.endpoint());
            knowledge.cache.remove(flight.key);
            knowledge.refusals.insert(flight.key, error, clock.steady());
        }
        if (is_outage(error.reason)) {
            if (auto stale = stand_in(flight.key, flight.endpoint(), error.reason)) {
                return *std::move(stale);
            }
        }
        return refuse(std::move(error));
    }

    /// What STS proved earlier, now that it cannot be asked for this reason.
    [[nodiscard]] std::optional<Proof> stand_in(
        const identity::TokenKey& key, std::string_view endpoint, Reason reason
    ) {
        auto identity = knowledge.cache.find_stale(key, clock.wall());
        if (!identity) {
            return std::nullopt;
        }
        knowledge.cache_metrics->stale.add();
        knowledge.outages.used_stale(endpoint, reason);
        return Proof{std::move(identity), ProvenBy::stale};
    }

    [[nodiscard]] std::vector<Later> take(const identity::TokenKey& key) {
        roles.erase(key);
        std::vector<Later> waiters = flights.take(key);
        count_out(waiters.size());
        return waiters;
    }

    void count_out(std::size_t reviews) {
        knowledge.flights.exit(reviews);
        pending.add(-static_cast<double>(reviews));
    }

    void close() {
        closed = true;
        const Proof proof = refuse({Reason::sts_unreachable, "the server is shutting down"});
        for (const auto& [key, role] : std::exchange(roles, {})) {
            if (role == Role::asks) {
                knowledge.flights.land(key, proof);
            } else {
                knowledge.flights.leave(key, this);
            }
        }
        std::vector<Later> waiters = flights.take_all();
        count_out(waiters.size());
        answer(std::move(waiters), proof);
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
    Knowledge& knowledge;
    sts::Verifier& verifier;
    Gauge& pending;
    Counter& shared;
    identity::SingleFlight<identity::TokenKey, Later, identity::TokenKeyHash> flights;
    std::unordered_map<identity::TokenKey, Role, identity::TokenKeyHash> roles;  ///< one for each of `flights`
    bool closed = false;
};

Authenticator::Authenticator(
    asio::any_io_executor executor,
    const Clock& clock,
    AuthenticatorOptions options,
    Knowledge& knowledge,
    sts::Verifier& verifier,
    MetricsRegistry& metrics
)
    : state_(std::make_shared<State>(std::move(executor), clock, options, knowledge, verifier, metrics)) {}

Authenticator::~Authenticator() {
    state_->close();
}

std::optional<Proof> Authenticator::prove(std::string_view token, Later later) {
    State& state = *state_;
    const token::ParseRules& rules = state.options.rules;
    const WallTime wall = state.clock.wall();
    identity::TokenKey key;
    if (may_be_cached(token, rules)) {
        key = state.knowledge.cache.key_of(token);
        if (auto identity = state.knowledge.cache.find(key, wall, state.clock.steady())) {
            return Proof{std::move(identity), ProvenBy::cache};
        }
    }
    Result<token::PresignedUrl> url = token::PresignedUrl::parse(token, rules, wall);
    if (!url) {
        return refuse(std::move(url.error()));
    }
    if (auto refusal = state.knowledge.refusals.find(key, state.clock.steady())) {
        return refuse(std::move(*refusal));
    }
    if (!state.knowledge.flights.enter(state.options.max_pending)) {
        auto stale = state.stand_in(key, url->host().name, Reason::overloaded);
        return stale ? std::move(stale) : refuse({Reason::overloaded, "too many reviews wait for STS"});
    }
    const bool is_first = state.flights.join(key, std::move(later));
    state.pending.add(1);
    if (!is_first) {
        state.shared.add();
        return std::nullopt;
    }
    auto answer = state.begin(key, *std::move(url), wall);
    if (answer) {
        // Nothing was begun: the one waiter, `later`, is let go and the answer is given here.
        static_cast<void>(state.take(key));
    }
    return answer;
}

std::size_t Authenticator::pending() const noexcept {
    return state_->flights.waiting();
}

}  // namespace arngate::auth
