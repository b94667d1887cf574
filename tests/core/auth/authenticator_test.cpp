#include "core/auth/authenticator.hpp"

#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "tests/core/auth/fake_verifier.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace arngate::auth {
namespace {

using namespace std::chrono_literals;

/// A token signed at 2024-01-01T00:00:00Z, where a ManualClock begins.
std::string token_of(std::string_view signature) {
    std::string url =
        "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20240101%2Fus-east-1%2Fsts%2Faws4_request"
        "&X-Amz-Date=20240101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=";
    url += signature;
    return std::string(token::token_prefix) + text::base64url_encode(url);
}

class AuthenticatorTest : public testing::Test {
protected:
    AuthenticatorTest() {
        sts::CallerIdentity identity;
        identity.user_id = "AROACKCEVSQ6C2EXAMPLE";
        verifier.answer = identity;
        make();
    }
    ~AuthenticatorTest() override { log::set_sink({}); }

    void make(std::size_t max_pending = 8192) {
        AuthenticatorOptions options;
        options.rules.hosts = &hosts;
        options.max_pending = max_pending;
        authenticator =
            std::make_unique<Authenticator>(loop.get_executor(), clock, options, *knowledge, verifier, registry);
    }
    /// Begins anew with other stores.
    void know(const KnowledgeOptions& options) {
        authenticator.reset();
        knowledge = std::make_unique<Knowledge>(options, registry);
        make();
    }
    /// Begins anew with a cache that keeps what is stale.
    void keep_stale() {
        KnowledgeOptions options;
        options.cache.keep_stale = true;
        know(options);
    }
    /// Proves with a `later` that notes what it gets.
    std::optional<Proof> prove(std::string_view text) {
        return authenticator->prove(text, [this](Proof proof) { answers.push_back(std::move(proof)); });
    }
    std::optional<Proof> prove() { return prove(token); }
    /// Runs all that is ready.
    void poll() {
        loop.restart();
        loop.poll();
    }
    void answer_calls() {
        poll();
        verifier.open();
        poll();
        verifier.shut();
    }
    double pending_gauge() { return registry.gauge("arngate_reviews_pending", "").value(); }
    static Reason reason(const std::optional<Proof>& proof) {
        return !proof ? Reason::internal_error : proof->identity ? Reason::none : proof->identity.error().reason;
    }

    const std::string token = token_of("00");
    boost::asio::io_context loop{1};
    ManualClock clock;
    MetricsRegistry registry;
    aws::StsHostTable hosts = aws::StsHostTable::build({}).value();
    std::unique_ptr<Knowledge> knowledge = std::make_unique<Knowledge>(KnowledgeOptions{}, registry);
    FakeVerifier verifier{loop.get_executor()};
    std::vector<Proof> answers;
    std::unique_ptr<Authenticator> authenticator;
};

TEST_F(AuthenticatorTest, RefusesBadTokensAtOnce) {
    EXPECT_EQ(reason(prove("")), Reason::bad_prefix);
    EXPECT_EQ(reason(prove("k8s-aws-v1.!")), Reason::bad_encoding);
    clock.advance(15min + 1s);
    EXPECT_EQ(reason(prove()), Reason::expired);
    poll();
    EXPECT_EQ(verifier.calls, 0U);
    EXPECT_TRUE(answers.empty());
    EXPECT_EQ(authenticator->pending(), 0U);
}

TEST_F(AuthenticatorTest, AsksOnceThenRemembers) {
    EXPECT_FALSE(prove().has_value());
    EXPECT_EQ(authenticator->pending(), 1U);
    EXPECT_EQ(pending_gauge(), 1.0);
    answer_calls();
    ASSERT_EQ(answers.size(), 1U);
    ASSERT_TRUE(answers[0].identity.has_value());
    EXPECT_EQ((*answers[0].identity)->user_id, "AROACKCEVSQ6C2EXAMPLE");
    EXPECT_EQ(answers[0].proven_by, ProvenBy::sts);
    EXPECT_EQ(authenticator->pending(), 0U);
    EXPECT_EQ(pending_gauge(), 0.0);

    const std::optional<Proof> again = prove();
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->proven_by, ProvenBy::cache);
    EXPECT_EQ(*again->identity, *answers[0].identity) << "the very same object";
    EXPECT_EQ(verifier.calls, 1U);
}

TEST_F(AuthenticatorTest, NeverAnswersInsideTheCallAfterPromising) {
    verifier.open();
    EXPECT_FALSE(prove().has_value());
    EXPECT_TRUE(answers.empty());
    poll();
    EXPECT_EQ(answers.size(), 1U);

    verifier.answer = fail(Reason::sts_denied);
    boost::asio::post(loop, [this] {
        EXPECT_FALSE(prove(token_of("01")).has_value());
        EXPECT_EQ(answers.size(), 1U) << "on the loop, too";
    });
    poll();
    EXPECT_EQ(answers.size(), 2U);
}

TEST_F(AuthenticatorTest, GivesTheVerifierTheWholeUrlAndTheDeadline) {
    std::optional<std::string> passing(token);
    EXPECT_FALSE(prove(*passing).has_value());
    passing->assign(passing->size(), 'x');
    passing.reset();
    answer_calls();
    ASSERT_EQ(verifier.targets.size(), 1U);
    EXPECT_NE(verifier.targets[0].find("X-Amz-Signature=00"), std::string::npos);
    EXPECT_EQ(verifier.deadlines[0].at(), clock.steady() + 20s);
}

TEST_F(AuthenticatorTest, SharesOneCallAmongAThousand) {
    for (int i = 0; i < 1000; ++i) {
        EXPECT_FALSE(prove().has_value());
    }
    EXPECT_FALSE(prove(token_of("01")).has_value());
    EXPECT_EQ(pending_gauge(), 1001.0);
    answer_calls();
    EXPECT_EQ(verifier.calls, 2U);
    EXPECT_EQ(answers.size(), 1001U);
    EXPECT_EQ(registry.counter("arngate_single_flight_shared_total", "").value(), 999U);
    EXPECT_EQ(pending_gauge(), 0.0);
}

TEST_F(AuthenticatorTest, GivesEachWaiterTheErrorAndRemembersNone) {
    verifier.answer = fail(Reason::sts_throttled, "STS throttles");
    EXPECT_FALSE(prove().has_value());
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    ASSERT_EQ(answers.size(), 2U);
    for (const Proof& proof : answers) {
        EXPECT_EQ(reason(proof), Reason::sts_throttled);
        EXPECT_EQ(proof.identity.error().detail, "STS throttles");
        EXPECT_EQ(proof.proven_by, ProvenBy::nobody);
    }
    EXPECT_EQ(knowledge->cache.size(), 0U);
    EXPECT_FALSE(prove().has_value()) << "the next review asks again";
    poll();
    EXPECT_EQ(verifier.calls, 2U);
}

TEST_F(AuthenticatorTest, TurnsAnExceptionIntoAnInternalError) {
    std::string lines;
    log::set_sink([&lines](std::string_view line) { lines += line; });
    verifier.throws = true;
    EXPECT_FALSE(prove().has_value());
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(reason(answers[0]), Reason::internal_error);
    EXPECT_EQ(reason(answers[1]), Reason::internal_error);
    EXPECT_EQ(answers[0].identity.error().detail.find("bug"), std::string::npos);
    EXPECT_EQ(lines.find("bug"), std::string::npos);
    EXPECT_EQ(knowledge->cache.size(), 0U);
}

TEST_F(AuthenticatorTest, RefusesMoreThanMayWait) {
    make(2);
    EXPECT_FALSE(prove().has_value());
    EXPECT_FALSE(prove(token_of("01")).has_value());
    EXPECT_EQ(reason(prove(token_of("02"))), Reason::overloaded);
    EXPECT_EQ(reason(prove()), Reason::overloaded) << "a review that would share a call waits like any other";
    EXPECT_EQ(authenticator->pending(), 2U);
    answer_calls();
    EXPECT_EQ(answers.size(), 2U);
    EXPECT_TRUE(prove().has_value()) << "from the cache";
    EXPECT_FALSE(prove(token_of("02")).has_value());
}

TEST_F(AuthenticatorTest, AnswersHitsWhileOverloaded) {
    make(1);
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    EXPECT_FALSE(prove(token_of("01")).has_value());
    EXPECT_EQ(reason(prove(token_of("02"))), Reason::overloaded);
    EXPECT_EQ(reason(prove()), Reason::none);
}

TEST_F(AuthenticatorTest, AnswersWhoWaitsWhenItIsDestroyed) {
    EXPECT_FALSE(prove().has_value());
    EXPECT_FALSE(prove().has_value());
    poll();
    EXPECT_EQ(verifier.calls, 1U);
    authenticator.reset();
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(reason(answers[0]), Reason::sts_unreachable);
    EXPECT_EQ(reason(answers[1]), Reason::sts_unreachable);
    EXPECT_EQ(pending_gauge(), 0.0);

    // The call that was under way ends without a trace, even when the cache has gone before it.
    knowledge.reset();
    verifier.open();
    poll();
    EXPECT_EQ(verifier.answered, 1U);
    EXPECT_EQ(answers.size(), 2U);
}

TEST_F(AuthenticatorTest, AnswersWhoWaitsWhenTheCallHasNotBegun) {
    EXPECT_FALSE(prove().has_value());
    authenticator.reset();
    EXPECT_EQ(answers.size(), 1U);
    verifier.open();
    poll();
    EXPECT_EQ(answers.size(), 1U);
    EXPECT_EQ(knowledge->cache.size(), 0U);
}

TEST_F(AuthenticatorTest, LetsTheLoopEndWithCallsUnderWay) {
    EXPECT_FALSE(prove().has_value());
    poll();
    EXPECT_EQ(verifier.calls, 1U);
    // Nothing more: the fixture destroys the authenticator, then the loop with the call in it.
}

TEST_F(AuthenticatorTest, SurvivesAWaiterThatDestroysIt) {
    EXPECT_FALSE(authenticator->prove(token, [this](const Proof&) { authenticator.reset(); }).has_value());
    EXPECT_FALSE(prove().has_value());
    EXPECT_FALSE(prove(token_of("01")).has_value());
    answer_calls();
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(verifier.calls, 2U);
}

TEST_F(AuthenticatorTest, SurvivesAWaiterThatComesBack) {
    verifier.answer = fail(Reason::sts_unreachable);
    bool came_back = false;
    EXPECT_FALSE(authenticator
                     ->prove(
                         token,
                         [&](const Proof&) {
                             came_back = true;
                             EXPECT_FALSE(prove().has_value());
                         }
                     )
                     .has_value());
    answer_calls();
    poll();
    EXPECT_TRUE(came_back);
    EXPECT_EQ(verifier.calls, 2U);
}

TEST_F(AuthenticatorTest, SurvivesAWaiterThatThrows) {
    std::string lines;
    log::set_sink([&lines](std::string_view line) { lines += line; });
    EXPECT_FALSE(authenticator->prove(token, [](const Proof&) { throw std::runtime_error("x"); }).has_value());
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    EXPECT_EQ(answers.size(), 1U);
    EXPECT_NE(lines.find("could not be answered"), std::string::npos);
}

TEST_F(AuthenticatorTest, AsksAgainAfterTheTtl) {
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    clock.advance(5min - 1s);
    EXPECT_EQ(reason(prove()), Reason::none);
    clock.advance(1s);
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    EXPECT_EQ(verifier.calls, 2U);
}

TEST_F(AuthenticatorTest, ForgetsWhenTheTokenEnds) {
    clock.advance(12min);
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    const identity::TokenKey key = knowledge->cache.key_of(token);
    clock.advance(3min - 1s);
    EXPECT_EQ(reason(prove()), Reason::none);
    clock.advance(1s);
    EXPECT_EQ(knowledge->cache.find(key, clock.wall(), clock.steady()), nullptr)
        << "two minutes before the end of the TTL";
}

TEST_F(AuthenticatorTest, RefusesAKnownTokenOnceTheClockWasSetTooFarBack) {
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    clock.set_wall(clock.wall() - 15min);
    EXPECT_EQ(prove().value().proven_by, ProvenBy::cache);
    clock.set_wall(clock.wall() - 1s);
    EXPECT_EQ(reason(prove()), Reason::from_future) << "what the parser says of the same token";
    EXPECT_EQ(verifier.calls, 1U);
}

TEST_F(AuthenticatorTest, UsesWhatIsStaleWhileStsCannotBeAsked) {
    for (const Reason outage :
         {Reason::sts_unreachable, Reason::sts_unavailable, Reason::sts_throttled, Reason::overloaded}) {
        keep_stale();
        answers.clear();
        const WallTime wall = clock.wall();
        verifier.answer = sts::CallerIdentity{};
        EXPECT_FALSE(prove().has_value());
        answer_calls();
        clock.advance(5min);
        verifier.answer = fail(outage);
        EXPECT_FALSE(prove().has_value()) << "STS is asked first";
        answer_calls();
        ASSERT_EQ(answers.size(), 2U);
        ASSERT_EQ(reason(answers[1]), Reason::none) << label(outage);
        EXPECT_EQ(answers[1].proven_by, ProvenBy::stale);
        EXPECT_EQ(*answers[1].identity, *answers[0].identity);
        clock.set_wall(wall);
    }
    EXPECT_EQ(verifier.calls, 8U);
    EXPECT_EQ(registry.counter("arngate_cache_stale_used_total", "").value(), 4U);
}

TEST_F(AuthenticatorTest, WaitsNotAsLongForStsWhereSomethingStaleCanStandIn) {
    keep_stale();
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    clock.advance(5min);
    EXPECT_FALSE(prove().has_value());
    EXPECT_FALSE(prove(token_of("01")).has_value());
    answer_calls();
    ASSERT_EQ(verifier.deadlines.size(), 3U);
    const SteadyTime asked = clock.steady();
    EXPECT_EQ(verifier.deadlines[1].at(), asked + 2s);
    EXPECT_EQ(verifier.deadlines[2].at(), asked + 20s);
}

TEST_F(AuthenticatorTest, UsesNothingStaleUnlessAskedTo) {
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    clock.advance(5min);
    verifier.answer = fail(Reason::sts_unreachable);
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    EXPECT_EQ(reason(answers.at(1)), Reason::sts_unreachable);
}

TEST_F(AuthenticatorTest, UsesNothingStaleForOtherTrouble) {
    for (const Reason trouble : {Reason::sts_denied, Reason::sts_bad_answer, Reason::internal_error}) {
        keep_stale();
        answers.clear();
        const WallTime wall = clock.wall();
        verifier.answer = sts::CallerIdentity{};
        EXPECT_FALSE(prove().has_value());
        answer_calls();
        clock.advance(5min);
        verifier.answer = fail(trouble);
        EXPECT_FALSE(prove().has_value());
        answer_calls();
        EXPECT_EQ(reason(answers.at(1)), trouble);
        clock.set_wall(wall);
    }
}

TEST_F(AuthenticatorTest, UsesNothingStaleBeyondTheTokensEnd) {
    keep_stale();
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    clock.advance(15min - 1s);
    verifier.answer = fail(Reason::sts_unreachable);
    EXPECT_FALSE(prove().has_value());
    poll();
    clock.advance(1s);
    answer_calls();
    EXPECT_EQ(reason(answers.at(1)), Reason::sts_unreachable) << "the token ended while STS was asked";
    clock.advance(1s);
    EXPECT_EQ(reason(prove()), Reason::expired);
}

TEST_F(AuthenticatorTest, ForgetsAnIdentityThatStsTakesBack) {
    keep_stale();
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    clock.advance(5min);
    verifier.answer = fail(Reason::sts_denied);
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    EXPECT_EQ(knowledge->cache.size(), 0U);
    clock.advance(1min);
    verifier.answer = fail(Reason::sts_unreachable);
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    EXPECT_EQ(reason(answers.at(2)), Reason::sts_unreachable);
}

TEST_F(AuthenticatorTest, SaysOnceThatAnOutageBeganAndEnded) {
    std::string lines;
    log::set_sink([&lines](std::string_view line) { lines += line; });
    keep_stale();
    for (const char* signature : {"00", "01"}) {
        EXPECT_FALSE(prove(token_of(signature)).has_value());
    }
    answer_calls();
    clock.advance(5min);
    verifier.answer = fail(Reason::sts_unavailable);
    for (const char* signature : {"00", "01"}) {
        EXPECT_FALSE(prove(token_of(signature)).has_value());
    }
    answer_calls();
    const auto first = lines.find("STS cannot be asked");
    ASSERT_NE(first, std::string::npos);
    EXPECT_NE(lines.find("sts.us-east-1.amazonaws.com"), std::string::npos);
    EXPECT_NE(lines.find("sts_unavailable"), std::string::npos);
    EXPECT_EQ(lines.find("STS cannot be asked", first + 1), std::string::npos);
    EXPECT_EQ(lines.find("STS answers again"), std::string::npos);
    verifier.answer = sts::CallerIdentity{};
    EXPECT_FALSE(prove().has_value());
    EXPECT_FALSE(prove(token_of("01")).has_value());
    answer_calls();
    const auto ended = lines.find("STS answers again");
    ASSERT_NE(ended, std::string::npos);
    EXPECT_EQ(lines.find("STS answers again", ended + 1), std::string::npos);
}

TEST_F(AuthenticatorTest, UsesWhatIsStaleWhenTooManyWait) {
    keep_stale();
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    make(1);
    clock.advance(5min);
    EXPECT_FALSE(prove(token_of("01")).has_value());
    const auto stale = prove();
    ASSERT_EQ(reason(stale), Reason::none);
    EXPECT_EQ(stale->proven_by, ProvenBy::stale);
    EXPECT_EQ(reason(prove(token_of("02"))), Reason::overloaded);
    EXPECT_EQ(verifier.calls, 1U);
}

TEST_F(AuthenticatorTest, RemembersForAWhileWhatStsDenied) {
    verifier.answer = fail(Reason::sts_denied, "STS answered 403");
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    clock.advance(19s);
    const auto again = prove();
    ASSERT_EQ(reason(again), Reason::sts_denied);
    EXPECT_EQ(again->identity.error().detail, "STS answered 403");
    EXPECT_EQ(verifier.calls, 1U);
    clock.advance(1s);
    EXPECT_FALSE(prove().has_value());
    verifier.answer = sts::CallerIdentity{};
    answer_calls();
    EXPECT_EQ(prove().value().proven_by, ProvenBy::cache);
}

TEST_F(AuthenticatorTest, RemembersNoOtherFailure) {
    for (const Reason other :
         {Reason::sts_throttled,
          Reason::sts_unreachable,
          Reason::sts_unavailable,
          Reason::sts_bad_answer,
          Reason::overloaded,
          Reason::internal_error}) {
        verifier.answer = fail(other);
        EXPECT_FALSE(prove().has_value()) << label(other);
        answer_calls();
    }
    EXPECT_EQ(knowledge->refusals.size(), 0U);
}

TEST_F(AuthenticatorTest, SharesOneCallBetweenLoops) {
    boost::asio::io_context other_loop{1};
    FakeVerifier other_verifier{other_loop.get_executor()};
    AuthenticatorOptions options;
    options.rules.hosts = &hosts;
    Authenticator other(other_loop.get_executor(), clock, options, *knowledge, other_verifier, registry);
    std::vector<Proof> others;
    const auto note = [&others](Proof proof) { others.push_back(std::move(proof)); };

    EXPECT_FALSE(prove().has_value());
    EXPECT_FALSE(other.prove(token, note).has_value());
    EXPECT_FALSE(other.prove(token, note).has_value());
    other_loop.poll();
    EXPECT_EQ(other.pending(), 2U);
    EXPECT_EQ(pending_gauge(), 3.0);
    answer_calls();
    EXPECT_EQ(answers.size(), 1U);
    EXPECT_TRUE(others.empty()) << "only on its own loop";
    other_loop.restart();
    other_loop.poll();
    ASSERT_EQ(others.size(), 2U);
    EXPECT_EQ(*others[0].identity, *answers[0].identity);
    EXPECT_EQ(others[1].proven_by, ProvenBy::sts);
    EXPECT_EQ(verifier.calls, 1U);
    EXPECT_EQ(other_verifier.calls, 0U);
    EXPECT_EQ(registry.counter("arngate_single_flight_shared_total", "").value(), 2U);
    EXPECT_EQ(pending_gauge(), 0.0);
    EXPECT_EQ(other.prove(token, note)->proven_by, ProvenBy::cache);
}

TEST_F(AuthenticatorTest, CountsWhoWaitsOnAllLoopsAgainstTheLimit) {
    make(2);
    boost::asio::io_context other_loop{1};
    AuthenticatorOptions options;
    options.rules.hosts = &hosts;
    options.max_pending = 2;
    Authenticator other(other_loop.get_executor(), clock, options, *knowledge, verifier, registry);
    EXPECT_FALSE(prove().has_value());
    EXPECT_FALSE(other.prove(token, [](const Proof&) {}).has_value());
    EXPECT_EQ(reason(prove(token_of("01"))), Reason::overloaded);
    EXPECT_EQ(reason(other.prove(token_of("01"), [](const Proof&) {})), Reason::overloaded);
}

TEST_F(AuthenticatorTest, ALoopThatEndsLetsTheOthersGo) {
    boost::asio::io_context other_loop{1};
    AuthenticatorOptions options;
    options.rules.hosts = &hosts;
    std::vector<Proof> others;
    Authenticator other(other_loop.get_executor(), clock, options, *knowledge, verifier, registry);
    EXPECT_FALSE(prove().has_value());
    EXPECT_FALSE(other.prove(token, [&](Proof proof) { others.push_back(std::move(proof)); }).has_value());
    poll();
    authenticator.reset();
    EXPECT_EQ(answers.size(), 1U);
    other_loop.poll();
    ASSERT_EQ(others.size(), 1U);
    EXPECT_EQ(reason(others[0]), Reason::sts_unreachable);
}

TEST_F(AuthenticatorTest, ALoopThatWaitedForAnotherMayEnd) {
    std::vector<Proof> others;
    {
        boost::asio::io_context other_loop{1};
        AuthenticatorOptions options;
        options.rules.hosts = &hosts;
        Authenticator other(other_loop.get_executor(), clock, options, *knowledge, verifier, registry);
        EXPECT_FALSE(prove().has_value());
        EXPECT_FALSE(other.prove(token, [&](Proof proof) { others.push_back(std::move(proof)); }).has_value());
    }
    ASSERT_EQ(others.size(), 1U);
    EXPECT_EQ(reason(others[0]), Reason::sts_unreachable);
    answer_calls();
    EXPECT_EQ(answers.size(), 1U) << "the loop that is gone is not posted to";
    EXPECT_EQ(pending_gauge(), 0.0);
}

TEST_F(AuthenticatorTest, SharesCallsBetweenThreads) {
    constexpr int threads = 4;
    constexpr int reviews = 250;
    struct Loop {
        boost::asio::io_context io{1};
        FakeVerifier verifier{io.get_executor()};
        std::unique_ptr<Authenticator> authenticator;
        int answered = 0;
    };
    std::vector<std::unique_ptr<Loop>> loops;
    std::atomic<int> left = threads * reviews;
    for (int i = 0; i < threads; ++i) {
        auto each = std::make_unique<Loop>();
        each->verifier.answer = verifier.answer;
        AuthenticatorOptions options;
        options.rules.hosts = &hosts;
        each->authenticator = std::make_unique<Authenticator>(
            each->io.get_executor(), clock, options, *knowledge, each->verifier, registry
        );
        loops.push_back(std::move(each));
    }
    {
        std::vector<std::jthread> running;
        for (const auto& each : loops) {
            running.emplace_back([&left, &loops, this, loop = each.get()] {
                const auto work = boost::asio::make_work_guard(loop->io);
                const auto count = [&left, &loops, loop](const Proof& proof) {
                    EXPECT_TRUE(proof.identity.has_value());
                    ++loop->answered;
                    if (--left == 0) {
                        for (const auto& other : loops) {
                            other->io.stop();
                        }
                    }
                };
                loop->verifier.open();
                for (int i = 0; i < reviews; ++i) {
                    boost::asio::post(loop->io, [this, loop, count] {
                        if (const auto now = loop->authenticator->prove(token, count)) {
                            count(*now);
                        }
                    });
                }
                loop->io.run();
            });
        }
    }
    std::size_t calls = 0;
    for (const auto& each : loops) {
        calls += each->verifier.calls;
        EXPECT_EQ(each->answered, reviews);
    }
    EXPECT_EQ(calls, 1U);
    EXPECT_EQ(pending_gauge(), 0.0);
    loops.clear();
}

TEST_F(AuthenticatorTest, LooksNothingUpForWhatIsNoToken) {
    const Counter& misses = registry.counter("arngate_cache_lookups_total", "", {{"result", "miss"}});
    EXPECT_EQ(reason(prove("k8s-aws-v2.abc")), Reason::bad_prefix);
    EXPECT_EQ(reason(prove(std::string(token::token_prefix) + std::string(16UL * 1024, 'a'))), Reason::token_too_large);
    EXPECT_EQ(misses.value(), 0U);
}

TEST_F(AuthenticatorTest, SharesCallsWithoutACacheToo) {
    KnowledgeOptions off;
    off.cache.enabled = false;
    know(off);
    EXPECT_FALSE(prove().has_value());
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    EXPECT_EQ(answers.size(), 2U);
    EXPECT_EQ(verifier.calls, 1U);
    EXPECT_FALSE(prove().has_value());
}

}  // namespace
}  // namespace arngate::auth
