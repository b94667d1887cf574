#include "tests/core/auth/authenticator_frame.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace arngate::auth {
namespace {

using AuthenticatorLoops = AuthenticatorFrame;

TEST_F(AuthenticatorLoops, SharesOneCallBetweenLoops) {
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

TEST_F(AuthenticatorLoops, CountsWhoWaitsOnAllLoopsAgainstTheLimit) {
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

TEST_F(AuthenticatorLoops, ALoopThatEndsLetsTheOthersGo) {
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

TEST_F(AuthenticatorLoops, ALoopThatWaitedForAnotherMayEnd) {
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

TEST_F(AuthenticatorLoops, SharesCallsBetweenThreads) {
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

}  // namespace
}  // namespace arngate::auth
