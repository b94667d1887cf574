#include "core/ec2/lookup_queue.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace arngate::ec2 {
namespace {

using namespace std::chrono_literals;
using Kind = DescribeError::Kind;

constexpr SteadyTime start{1h};

std::string id_of(int number) {
    return fmt::format("i-{:08x}", number);
}

Instance instance(const std::string& id, const std::string& name = "a.b") {
    return {.id = id, .private_dns_name = name, .owner_account = "123456789012"};
}

DescribeError error(Kind kind, std::vector<std::string> named = {}) {
    return {.kind = kind, .detail = "EC2 answered 400 (Some.Code)", .named = std::move(named)};
}

class LookupQueueTest : public ::testing::Test {
protected:
    static LookupOptions options() {
        LookupOptions all;
        all.calls_per_second = 1000;
        all.burst = 1000;
        return all;
    }

    void make(const LookupOptions& all) { queue.emplace(all); }

    bool add(const std::string& id, SteadyTime now = start) {
        return queue->add(
            id,
            [this, id](const LookupQueue::Outcome& outcome) {
                answers[id].push_back(outcome ? outcome->private_dns_name : std::string(label(outcome.error().reason)));
            },
            now
        );
    }
    void add_many(int count, SteadyTime now = start) {
        for (int i = 0; i < count; ++i) {
            ASSERT_TRUE(add(id_of(i), now));
        }
    }

    LookupQueue::Batch take(SteadyTime now = start + 10ms) { return queue->take_batch(now); }

    std::vector<LookupQueue::Settled> tell(std::vector<LookupQueue::Settled> settled) {
        for (LookupQueue::Settled& each : settled) {
            for (LookupQueue::Waiter& waiter : each.waiters) {
                waiter(each.outcome);
            }
        }
        return settled;
    }
    void finish(const LookupQueue::Batch& batch, LookupQueue::Answer answer, SteadyTime now = start + 20ms) {
        last = tell(queue->finish(batch, std::move(answer), now, 1.0));
    }
    /// An EC2 that knows all ids but these.
    LookupQueue::Answer ask(const LookupQueue::Batch& batch, const std::vector<std::string>& unknown, bool names_them) {
        Described described;
        std::vector<std::string> missing;
        for (const std::string& id : batch) {
            if (std::ranges::find(unknown, id) == unknown.end()) {
                described.instances.push_back(instance(id, "name-of-" + id));
            } else {
                missing.push_back(id);
            }
        }
        if (missing.empty()) {
            return described;
        }
        return std::unexpected(error(Kind::unknown_instance, names_them ? missing : std::vector<std::string>{}));
    }
    /// Answers batches until none is due; the number of calls.
    int ask_all(const std::vector<std::string>& unknown, bool names_them) {
        int calls = 0;
        for (auto batch = take(); !batch.empty(); batch = take()) {
            finish(batch, ask(batch, unknown, names_them), start + 10ms);
            ++calls;
        }
        return calls;
    }

    std::optional<LookupQueue> queue{options()};
    std::map<std::string, std::vector<std::string>> answers;
    std::vector<LookupQueue::Settled> last;
};

TEST_F(LookupQueueTest, WaitsAWindowForCompany) {
    EXPECT_FALSE(queue->wake_at(start));
    EXPECT_TRUE(add("i-1"));
    EXPECT_EQ(queue->wake_at(start), start + 10ms);
    EXPECT_TRUE(take(start + 9ms).empty());
    EXPECT_TRUE(add("i-2", start + 9ms));
    EXPECT_EQ(take(start + 10ms), (LookupQueue::Batch{"i-1", "i-2"}));
    EXPECT_TRUE(take(start + 10ms).empty());
    EXPECT_EQ(queue->waiting(), 2U);
}

TEST_F(LookupQueueTest, AFullBatchGoesAtOnceAndNeverHoldsMore) {
    add_many(99);
    EXPECT_TRUE(take(start).empty());
    ASSERT_TRUE(add(id_of(99)));
    ASSERT_TRUE(add(id_of(100)));
    EXPECT_EQ(queue->wake_at(start), start);
    EXPECT_EQ(take(start).size(), 100U);
    EXPECT_TRUE(take(start).empty());
    EXPECT_EQ(take(start + 10ms), LookupQueue::Batch{id_of(100)});
}

TEST_F(LookupQueueTest, SharesALookUp) {
    EXPECT_TRUE(add("i-1"));
    EXPECT_TRUE(add("i-1", start + 5ms));
    const auto batch = take();
    EXPECT_EQ(batch, LookupQueue::Batch{"i-1"});
    EXPECT_TRUE(add("i-1", start + 15ms));
    EXPECT_TRUE(take(start + 1s).empty());
    finish(batch, Described{.instances = {instance("i-1")}});
    EXPECT_EQ(answers["i-1"], (std::vector<std::string>{"a.b", "a.b", "a.b"}));
    EXPECT_EQ(queue->waiting(), 0U);
    EXPECT_FALSE(queue->wake_at(start + 20ms));
}

TEST_F(LookupQueueTest, AnIdThatIsNotAnsweredIsUnknown) {
    EXPECT_TRUE(add("i-1"));
    EXPECT_TRUE(add("i-2"));
    finish(take(), Described{.instances = {instance("i-2")}});
    EXPECT_EQ(answers["i-1"], std::vector<std::string>{"template_failed"});
    EXPECT_EQ(answers["i-2"], std::vector<std::string>{"a.b"});
    ASSERT_EQ(last.size(), 2U);
    EXPECT_TRUE(last[0].is_unknown);
    EXPECT_FALSE(last[1].is_unknown);
}

TEST_F(LookupQueueTest, AnEmptyNameIsAFailureButNotUnknown) {
    EXPECT_TRUE(add("i-1"));
    finish(take(), Described{.instances = {instance("i-1", "")}});
    EXPECT_EQ(answers["i-1"], std::vector<std::string>{"template_failed"});
    EXPECT_FALSE(last.at(0).is_unknown);
    EXPECT_FALSE(last.at(0).outcome);
}

TEST_F(LookupQueueTest, WhatASecondPageHoldsIsAskedForAgain) {
    add_many(3);
    finish(take(), Described{.instances = {instance(id_of(1))}, .has_more = true});
    EXPECT_EQ(take(), (LookupQueue::Batch{id_of(0), id_of(2)}));
}

TEST_F(LookupQueueTest, APageWithNothingOnItEndsTheAsking) {
    add_many(2);
    finish(take(), Described{.instances = {}, .has_more = true});
    EXPECT_TRUE(take().empty());
    EXPECT_EQ(answers[id_of(0)], std::vector<std::string>{"ec2_unavailable"});
    EXPECT_FALSE(last.at(0).is_unknown);
}

TEST_F(LookupQueueTest, OneUnknownIdFailsAlone) {
    add_many(100);
    EXPECT_EQ(ask_all({id_of(37)}, true), 2);
    for (int i = 0; i < 100; ++i) {
        const std::string wanted = i == 37 ? "template_failed" : "name-of-" + id_of(i);
        EXPECT_EQ(answers[id_of(i)], std::vector<std::string>{wanted}) << i;
    }
    EXPECT_EQ(queue->waiting(), 0U);
}

TEST_F(LookupQueueTest, UnknownIdsThatAreNotNamedAreFoundByHalves) {
    add_many(100);
    EXPECT_LE(ask_all({id_of(0), id_of(99)}, false), 30);
    for (int i = 0; i < 100; ++i) {
        const std::string wanted = i == 0 || i == 99 ? "template_failed" : "name-of-" + id_of(i);
        EXPECT_EQ(answers[id_of(i)], std::vector<std::string>{wanted}) << i;
    }
}

TEST_F(LookupQueueTest, AllUnknownEndsToo) {
    std::vector<std::string> all;
    for (int i = 0; i < 100; ++i) {
        all.push_back(id_of(i));
    }
    add_many(100);
    EXPECT_EQ(ask_all(all, true), 1);
    EXPECT_EQ(answers.size(), 100U);
    answers.clear();
    add_many(100);
    EXPECT_LE(ask_all(all, false), 199);
    EXPECT_EQ(answers.size(), 100U);
    EXPECT_EQ(queue->waiting(), 0U);
}

TEST_F(LookupQueueTest, TheIsolatedAreNotMixedWithOthers) {
    add_many(4);
    finish(take(), std::unexpected(error(Kind::unknown_instance)));
    EXPECT_TRUE(add("i-new"));
    EXPECT_EQ(take(), (LookupQueue::Batch{id_of(0), id_of(1)}));
    EXPECT_EQ(take(), (LookupQueue::Batch{id_of(2), id_of(3)}));
    EXPECT_EQ(take(start + 1s), LookupQueue::Batch{"i-new"});
}

TEST_F(LookupQueueTest, PausesAfterThrottlingAndGivesUpInTheEnd) {
    EXPECT_TRUE(add("i-1"));
    finish(take(), std::unexpected(error(Kind::throttled)), start + 20ms);
    EXPECT_TRUE(add("i-2", start + 30ms));
    EXPECT_EQ(queue->wake_at(start + 30ms), start + 220ms);
    EXPECT_TRUE(take(start + 219ms).empty());
    const auto second = take(start + 220ms);
    EXPECT_EQ(second, LookupQueue::Batch{"i-1"});
    finish(second, std::unexpected(error(Kind::unavailable)), start + 220ms);
    EXPECT_EQ(queue->wake_at(start + 220ms), start + 620ms);
    const auto third = take(start + 620ms);
    finish(third, std::unexpected(error(Kind::throttled)), start + 620ms);
    EXPECT_EQ(answers["i-1"], std::vector<std::string>{"ec2_unavailable"});
    EXPECT_FALSE(last.at(0).is_unknown);
    EXPECT_EQ(take(start + 1420ms), LookupQueue::Batch{"i-2"});
}

TEST_F(LookupQueueTest, ThePauseIsSpreadAndBounded) {
    LookupOptions all = options();
    all.max_attempts = 100;
    all.timeout = 1h;
    make(all);
    EXPECT_TRUE(add("i-1"));
    SteadyTime now = start + 10ms;
    for (int i = 0; i < 20; ++i) {
        const auto batch = take(now);
        ASSERT_EQ(batch.size(), 1U);
        tell(queue->finish(batch, std::unexpected(error(Kind::throttled)), now, 0.0));
        const auto at = queue->wake_at(now);
        ASSERT_TRUE(at);
        EXPECT_GE(*at - now, 100ms);
        EXPECT_LE(*at - now, 1000ms);
        now = *at;
    }
    finish(take(now), Described{.instances = {instance("i-1")}}, now);
    EXPECT_TRUE(add("i-2", now));
    EXPECT_EQ(queue->wake_at(now), now + 10ms);
}

TEST_F(LookupQueueTest, BadCredentialsAreTriedAgainWithoutAPause) {
    EXPECT_TRUE(add("i-1"));
    for (int i = 0; i < 3; ++i) {
        const auto batch = take();
        ASSERT_EQ(batch.size(), 1U) << i;
        finish(batch, std::unexpected(error(Kind::bad_credentials)), start + 10ms);
    }
    EXPECT_TRUE(take().empty());
    EXPECT_EQ(answers["i-1"], std::vector<std::string>{"ec2_unavailable"});
}

TEST_F(LookupQueueTest, ARefusalIsFinal) {
    add_many(2);
    finish(take(), std::unexpected(error(Kind::refused)));
    EXPECT_EQ(answers[id_of(0)], std::vector<std::string>{"template_failed"});
    EXPECT_EQ(answers[id_of(1)], std::vector<std::string>{"template_failed"});
    EXPECT_EQ(last.at(0).outcome.error().detail, "{{EC2PrivateDNSName}}: EC2 answered 400 (Some.Code)");
    EXPECT_FALSE(last.at(0).is_unknown);
    EXPECT_TRUE(take(start + 1h).empty());
}

TEST_F(LookupQueueTest, ABadAnswerIsNotAskedForAgain) {
    EXPECT_TRUE(add("i-1"));
    finish(take(), std::unexpected(error(Kind::bad_answer)));
    EXPECT_EQ(answers["i-1"], std::vector<std::string>{"ec2_unavailable"});
    EXPECT_TRUE(take(start + 1h).empty());
}

TEST_F(LookupQueueTest, KeepsToTheRate) {
    LookupOptions all = options();
    all.calls_per_second = 10;
    all.burst = 2;
    all.max_batch = 1;
    make(all);
    add_many(5);
    EXPECT_EQ(take(start).size(), 1U);
    EXPECT_EQ(take(start).size(), 1U);
    EXPECT_TRUE(take(start).empty());
    const auto next = queue->wake_at(start);
    ASSERT_TRUE(next);
    EXPECT_GE(*next, start + 100ms);
    EXPECT_LE(*next, start + 101ms);
    EXPECT_TRUE(take(start + 99ms).empty());
    EXPECT_EQ(take(*next).size(), 1U);
    EXPECT_TRUE(take(*next).empty());
}

TEST_F(LookupQueueTest, KeepsToTheNumberOfCalls) {
    LookupOptions all = options();
    all.max_calls = 1;
    all.max_batch = 1;
    make(all);
    add_many(2);
    const auto first = take(start);
    EXPECT_EQ(first.size(), 1U);
    EXPECT_TRUE(take(start).empty());
    EXPECT_EQ(queue->wake_at(start), start + 5s);
    finish(first, Described{.instances = {instance(id_of(0))}}, start);
    EXPECT_EQ(queue->wake_at(start), start);
    EXPECT_EQ(take(start).size(), 1U);
}

TEST_F(LookupQueueTest, BoundsThoseWhoWait) {
    LookupOptions all = options();
    all.max_waiting = 2;
    make(all);
    EXPECT_TRUE(add("i-1"));
    EXPECT_TRUE(add("i-1"));
    EXPECT_FALSE(add("i-1"));
    EXPECT_FALSE(add("i-2"));
    EXPECT_EQ(queue->waiting(), 2U);
    finish(take(), Described{.instances = {instance("i-1")}});
    EXPECT_TRUE(add("i-2"));
    EXPECT_EQ(answers["i-1"].size(), 2U);
}

TEST_F(LookupQueueTest, TimeRunsOutForThoseNotAskedAbout) {
    LookupOptions all = options();
    all.max_calls = 0;
    make(all);
    EXPECT_TRUE(add("i-1"));
    EXPECT_TRUE(add("i-2", start + 1s));
    EXPECT_EQ(queue->wake_at(start), start + 5s);
    EXPECT_TRUE(queue->expire(start + 4999ms).empty());
    last = tell(queue->expire(start + 5s));
    ASSERT_EQ(last.size(), 1U);
    EXPECT_EQ(answers["i-1"], std::vector<std::string>{"ec2_unavailable"});
    EXPECT_EQ(queue->wake_at(start + 5s), start + 6s);
    EXPECT_TRUE(take(start + 5s).empty());
    tell(queue->expire(start + 6s));
    EXPECT_EQ(answers["i-2"], std::vector<std::string>{"ec2_unavailable"});
    EXPECT_EQ(queue->waiting(), 0U);
    EXPECT_FALSE(queue->wake_at(start + 6s));
}

TEST_F(LookupQueueTest, WhatComesTooLateIsStillLearnt) {
    EXPECT_TRUE(add("i-1"));
    const auto batch = take();
    EXPECT_EQ(queue->deadline_of(batch, start + 10ms), start + 5s);
    tell(queue->expire(start + 5s));
    EXPECT_EQ(queue->deadline_of(batch, start + 5s), start + 5s);
    finish(batch, Described{.instances = {instance("i-1")}}, start + 6s);
    ASSERT_EQ(last.size(), 1U);
    EXPECT_TRUE(last[0].outcome);
    EXPECT_EQ(answers["i-1"], std::vector<std::string>{"ec2_unavailable"});
}

TEST_F(LookupQueueTest, TimeThatRanOutOnceDoesNotRunOutForTheNext) {
    EXPECT_TRUE(add("i-1"));
    finish(take(), Described{.instances = {instance("i-1")}});
    EXPECT_TRUE(add("i-1", start + 4s));
    EXPECT_TRUE(queue->expire(start + 5s).empty());
    EXPECT_EQ(tell(queue->expire(start + 9s)).size(), 1U);
}

TEST_F(LookupQueueTest, NobodyAsksForThoseWhoseTimeIsUp) {
    EXPECT_TRUE(add("i-1"));
    const auto batch = take();
    finish(batch, std::unexpected(error(Kind::throttled)));
    tell(queue->expire(start + 5s));
    EXPECT_TRUE(take(start + 6s).empty());
    EXPECT_FALSE(queue->wake_at(start + 6s));
}

TEST_F(LookupQueueTest, CloseAnswersEveryone) {
    add_many(3);
    const auto batch = take();
    EXPECT_TRUE(add("i-late", start + 1s));
    tell(queue->close());
    EXPECT_EQ(answers.size(), 4U);
    EXPECT_EQ(answers["i-late"], std::vector<std::string>{"ec2_unavailable"});
    EXPECT_EQ(queue->waiting(), 0U);
    EXPECT_TRUE(take(start + 2s).empty());
}

}  // namespace
}  // namespace arngate::ec2
