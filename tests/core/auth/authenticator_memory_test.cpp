#include "tests/core/auth/authenticator_frame.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace arngate::auth {
namespace {

using namespace std::chrono_literals;

class AuthenticatorMemory : public AuthenticatorFrame {
protected:
    /// A token that STS proves, and, when that has become stale, again while STS has this trouble.
    void prove_before_and_in(Reason trouble) {
        keep_stale();
        answers.clear();
        verifier.answer = sts::CallerIdentity{};
        EXPECT_FALSE(prove().has_value());
        answer_calls();
        clock.advance(5min);
        verifier.answer = fail(trouble);
        EXPECT_FALSE(prove().has_value()) << "STS is asked first";
        answer_calls();
    }
};

TEST_F(AuthenticatorMemory, AsksAgainAfterTheTtl) {
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    clock.advance(5min - 1s);
    EXPECT_EQ(reason(prove()), Reason::none);
    clock.advance(1s);
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    EXPECT_EQ(verifier.calls, 2U);
}

TEST_F(AuthenticatorMemory, ForgetsWhenTheTokenEnds) {
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

TEST_F(AuthenticatorMemory, RefusesAKnownTokenOnceTheClockWasSetTooFarBack) {
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    clock.set_wall(clock.wall() - 15min);
    EXPECT_EQ(prove().value().proven_by, ProvenBy::cache);
    clock.set_wall(clock.wall() - 1s);
    EXPECT_EQ(reason(prove()), Reason::from_future) << "what the parser says of the same token";
    EXPECT_EQ(verifier.calls, 1U);
}

TEST_F(AuthenticatorMemory, UsesWhatIsStaleWhileStsCannotBeAsked) {
    for (const Reason outage :
         {Reason::sts_unreachable, Reason::sts_unavailable, Reason::sts_throttled, Reason::overloaded}) {
        const WallTime wall = clock.wall();
        prove_before_and_in(outage);
        ASSERT_EQ(answers.size(), 2U);
        ASSERT_EQ(reason(answers[1]), Reason::none) << label(outage);
        EXPECT_EQ(answers[1].proven_by, ProvenBy::stale);
        EXPECT_EQ(*answers[1].identity, *answers[0].identity);
        clock.set_wall(wall);
    }
    EXPECT_EQ(verifier.calls, 8U);
    EXPECT_EQ(registry.counter("arngate_cache_stale_used_total", "").value(), 4U);
}

TEST_F(AuthenticatorMemory, WaitsNotAsLongForStsWhereSomethingStaleCanStandIn) {
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

TEST_F(AuthenticatorMemory, UsesNothingStaleUnlessAskedTo) {
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    clock.advance(5min);
    verifier.answer = fail(Reason::sts_unreachable);
    EXPECT_FALSE(prove().has_value());
    answer_calls();
    EXPECT_EQ(reason(answers.at(1)), Reason::sts_unreachable);
}

TEST_F(AuthenticatorMemory, UsesNothingStaleForOtherTrouble) {
    for (const Reason trouble : {Reason::sts_denied, Reason::sts_bad_answer, Reason::internal_error}) {
        const WallTime wall = clock.wall();
        prove_before_and_in(trouble);
        EXPECT_EQ(reason(answers.at(1)), trouble);
        clock.set_wall(wall);
    }
}

TEST_F(AuthenticatorMemory, UsesNothingStaleBeyondTheTokensEnd) {
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

TEST_F(AuthenticatorMemory, ForgetsAnIdentityThatStsTakesBack) {
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

TEST_F(AuthenticatorMemory, SaysOnceThatAnOutageBeganAndEnded) {
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

TEST_F(AuthenticatorMemory, UsesWhatIsStaleWhenTooManyWait) {
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

TEST_F(AuthenticatorMemory, RemembersForAWhileWhatStsDenied) {
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

TEST_F(AuthenticatorMemory, RemembersNoOtherFailure) {
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

TEST_F(AuthenticatorMemory, SharesCallsWithoutACacheToo) {
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
