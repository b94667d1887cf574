#include "tests/core/auth/authenticator_frame.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace arngate::auth {
namespace {

using namespace std::chrono_literals;

using AuthenticatorTest = AuthenticatorFrame;

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

TEST_F(AuthenticatorTest, LooksNothingUpForWhatIsNoToken) {
    const Counter& misses = registry.counter("arngate_cache_lookups_total", "", {{"result", "miss"}});
    EXPECT_EQ(reason(prove("k8s-aws-v2.abc")), Reason::bad_prefix);
    EXPECT_EQ(reason(prove(std::string(token::token_prefix) + std::string(16UL * 1024, 'a'))), Reason::token_too_large);
    EXPECT_EQ(misses.value(), 0U);
}

}  // namespace
}  // namespace arngate::auth
