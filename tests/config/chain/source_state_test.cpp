#include "config/chain/source_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace arngate::config {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr SteadyTime start{std::chrono::hours(1)};
constexpr WallTime wall{std::chrono::hours(24)};
constexpr seconds grace{300};

SourceReading reading(std::size_t entries, bool missing = false) {
    SourceReading result;
    result.rules.source = "EKSConfigMap";
    for (std::size_t i = 0; i < entries; ++i) {
        mapping::Rule rule;
        rule.arn = "arn:aws:iam::123456789012:role/r" + std::to_string(i);
        result.rules.roles.push_back(rule);
    }
    result.missing = missing;
    return result;
}

SourceFailure failure(SourceFailure::Kind kind = SourceFailure::Kind::unreachable, std::string expected = "an answer") {
    SourceFailure result;
    result.kind = kind;
    Problem problem;
    problem.file = "kube-system/aws-auth";
    problem.found = "what a peer wrote";
    problem.expected = std::move(expected);
    result.problems.push_back(problem);
    return result;
}

TEST(SourceState, StartsWithNothing) {
    const SourceState state(grace);
    EXPECT_EQ(state.status(), SourceStatus::starting);
    EXPECT_EQ(state.entries(), 0U);
    EXPECT_EQ(state.generation(), 0U);
    EXPECT_FALSE(state.has_rules());
    EXPECT_FALSE(state.last_good().has_value());
    ASSERT_NE(state.rules(), nullptr);
}

TEST(SourceState, TakesAGoodReading) {
    SourceState state(grace);
    SourceReading first = reading(2);
    first.rejected = 3;
    first.version = "77";
    const auto change = state.take(std::move(first), start, wall);
    EXPECT_TRUE(change.status);
    ASSERT_TRUE(change.diff.has_value());
    EXPECT_EQ(change.diff->added, 2U);
    EXPECT_EQ(state.status(), SourceStatus::synced);
    EXPECT_EQ(state.entries(), 2U);
    EXPECT_EQ(state.generation(), 1U);
    EXPECT_EQ(state.rejected(), 3U);
    EXPECT_EQ(state.version(), "77");
    EXPECT_EQ(state.last_good(), wall);
}

TEST(SourceState, SaysWhenNothingHasChanged) {
    SourceState state(grace);
    static_cast<void>(state.take(reading(2), start, wall));
    const auto change = state.take(reading(2), start, wall + seconds(9));
    EXPECT_FALSE(change.status);
    EXPECT_FALSE(change.diff.has_value());
    EXPECT_EQ(state.generation(), 1U);
    EXPECT_EQ(state.last_good(), wall + seconds(9));
}

TEST(SourceState, TakesAnEmptyFirstReadingAsItIs) {
    SourceState state(grace);
    EXPECT_TRUE(state.take(reading(0), start, wall).diff.has_value());
    EXPECT_EQ(state.status(), SourceStatus::synced);
    EXPECT_TRUE(state.has_rules());
    SourceState absent(grace);
    EXPECT_TRUE(absent.take(reading(0, true), start, wall).diff.has_value());
    EXPECT_EQ(absent.status(), SourceStatus::missing);
    EXPECT_FALSE(absent.deadline().has_value());
}

TEST(SourceState, AFailureLeavesTheRulesInForce) {
    SourceState state(grace);
    static_cast<void>(state.take(reading(2), start, wall));
    const auto change = state.take(failure());
    EXPECT_TRUE(change.status);
    EXPECT_FALSE(change.diff.has_value());
    EXPECT_EQ(state.status(), SourceStatus::stale);
    EXPECT_EQ(state.entries(), 2U);
    EXPECT_THAT(state.last_error(), HasSubstr("expected an answer"));
    EXPECT_THAT(state.last_error(), Not(HasSubstr("a peer wrote")));
    EXPECT_FALSE(state.take(failure()).status);
    EXPECT_TRUE(state.take(failure(SourceFailure::Kind::unreachable, "another thing")).status);
    const auto back = state.take(reading(2), start, wall);
    EXPECT_TRUE(back.status);
    EXPECT_FALSE(back.diff.has_value());
    EXPECT_EQ(state.status(), SourceStatus::synced);
    EXPECT_EQ(state.last_error(), "");
}

TEST(SourceState, AFailureBeforeAnyReadingIsOne) {
    SourceState state(grace);
    EXPECT_TRUE(state.take(failure()).status);
    EXPECT_EQ(state.status(), SourceStatus::failed);
    EXPECT_FALSE(state.has_rules());
    EXPECT_NE(state.take({SourceFailure::Kind::unreadable, {}}).status, false);
    EXPECT_EQ(state.last_error(), "no reason is known");
}

TEST(SourceState, KeepsTheOldRulesForTheGracePeriod) {
    for (const bool missing : {false, true}) {
        SourceState state(grace);
        static_cast<void>(state.take(reading(2), start, wall));
        const auto change = state.take(reading(0, missing), start, wall + seconds(1));
        EXPECT_TRUE(change.status);
        EXPECT_FALSE(change.diff.has_value());
        EXPECT_EQ(state.status(), SourceStatus::grace);
        EXPECT_EQ(state.entries(), 2U);
        EXPECT_EQ(state.last_good(), wall);
        ASSERT_EQ(state.deadline(), start + grace);

        const auto early = state.expire(start + grace - std::chrono::nanoseconds(1));
        EXPECT_FALSE(early.status || early.diff.has_value());
        const auto late = state.expire(start + grace);
        EXPECT_TRUE(late.status);
        ASSERT_TRUE(late.diff.has_value());
        EXPECT_EQ(late.diff->removed, 2U);
        EXPECT_EQ(state.entries(), 0U);
        EXPECT_EQ(state.status(), missing ? SourceStatus::missing : SourceStatus::synced);
        EXPECT_FALSE(state.deadline().has_value());
        EXPECT_FALSE(state.expire(start + 2 * grace).status);
    }
}

TEST(SourceState, ASecondSuspectReadingDoesNotProlongTheGracePeriod) {
    SourceState state(grace);
    static_cast<void>(state.take(reading(2), start, wall));
    static_cast<void>(state.take(reading(0), start, wall));
    static_cast<void>(state.take(reading(0, true), start + seconds(100), wall));
    EXPECT_EQ(state.deadline(), start + grace);
    static_cast<void>(state.expire(start + grace));
    EXPECT_EQ(state.status(), SourceStatus::missing);
}

TEST(SourceState, EntriesThatComeBackEndTheGracePeriod) {
    SourceState state(grace);
    static_cast<void>(state.take(reading(2), start, wall));
    static_cast<void>(state.take(reading(0), start, wall));
    EXPECT_TRUE(state.take(reading(1), start, wall).diff.has_value());
    EXPECT_EQ(state.status(), SourceStatus::synced);
    EXPECT_FALSE(state.deadline().has_value());
    static_cast<void>(state.take(reading(0), start + seconds(50), wall));
    EXPECT_EQ(state.deadline(), start + seconds(50) + grace);
}

TEST(SourceState, SilenceOfTheKeeperDoesNotProlongTheGracePeriod) {
    SourceState state(grace);
    static_cast<void>(state.take(reading(2), start, wall));
    static_cast<void>(state.take(reading(0, true), start, wall));
    static_cast<void>(state.take(failure()));
    EXPECT_EQ(state.status(), SourceStatus::grace);
    EXPECT_THAT(state.last_error(), HasSubstr("expected an answer"));
    EXPECT_TRUE(state.expire(start + grace).diff.has_value());
    EXPECT_EQ(state.entries(), 0U);
}

TEST(SourceState, ADocumentThatIsThereAgainAndBrokenKeepsTheOldRules) {
    SourceState state(grace);
    static_cast<void>(state.take(reading(2), start, wall));
    static_cast<void>(state.take(reading(0, true), start, wall));
    static_cast<void>(state.take(failure(SourceFailure::Kind::unreadable)));
    EXPECT_EQ(state.status(), SourceStatus::stale);
    EXPECT_FALSE(state.deadline().has_value());
    EXPECT_FALSE(state.expire(start + grace).diff.has_value());
    EXPECT_EQ(state.entries(), 2U);
}

TEST(SourceState, WithoutAGracePeriodAnEmptyReadingActsAtOnce) {
    SourceState state(seconds(0));
    static_cast<void>(state.take(reading(2), start, wall));
    EXPECT_TRUE(state.take(reading(0, true), start, wall).diff.has_value());
    EXPECT_EQ(state.status(), SourceStatus::missing);
    EXPECT_EQ(state.entries(), 0U);
}

TEST(SourceState, RestoredRulesServeUntilTheFirstReading) {
    SourceState state(grace);
    state.restore(reading(2).rules, wall);
    EXPECT_EQ(state.status(), SourceStatus::restored);
    EXPECT_EQ(state.entries(), 2U);
    EXPECT_TRUE(state.has_rules());
    EXPECT_EQ(state.last_good(), wall);
    static_cast<void>(state.take(failure()));
    EXPECT_EQ(state.status(), SourceStatus::stale);
    EXPECT_EQ(state.entries(), 2U);
    EXPECT_FALSE(state.take(reading(2), start, wall).diff.has_value());
    EXPECT_EQ(state.status(), SourceStatus::synced);
}

TEST(SourceState, RestoredRulesAreGuardedByTheGracePeriodToo) {
    SourceState state(grace);
    state.restore(reading(2).rules, wall);
    static_cast<void>(state.take(reading(0, true), start, wall));
    EXPECT_EQ(state.status(), SourceStatus::grace);
    EXPECT_EQ(state.entries(), 2U);
}

TEST(SourceState, TakesWhatCanBeUsedOfABrokenDocumentWhileNothingWholeIsKnown) {
    SourceState state(grace);
    SourceFailure broken = failure(SourceFailure::Kind::unreadable);
    broken.partial = reading(1);
    broken.partial->rejected = 4;
    EXPECT_TRUE(state.take(broken).diff.has_value());
    EXPECT_EQ(state.status(), SourceStatus::stale);
    EXPECT_EQ(state.entries(), 1U);
    EXPECT_EQ(state.rejected(), 4U);
    EXPECT_TRUE(state.has_rules());
    EXPECT_FALSE(state.is_whole());
    EXPECT_FALSE(state.last_good().has_value());
    broken.partial = reading(2);
    EXPECT_TRUE(state.take(broken).diff.has_value());
    EXPECT_EQ(state.entries(), 2U);
    static_cast<void>(state.take(reading(3), start, wall));
    EXPECT_TRUE(state.is_whole());
    broken.partial = reading(1);
    EXPECT_FALSE(state.take(broken).diff.has_value());
    EXPECT_EQ(state.entries(), 3U);
    EXPECT_EQ(state.status(), SourceStatus::stale);
}

TEST(SourceState, AnEmptyDocumentThatTookThePlaceOfPartsIsWhole) {
    SourceState state(grace);
    SourceFailure broken = failure(SourceFailure::Kind::unreadable);
    broken.partial = reading(2);
    static_cast<void>(state.take(std::move(broken)));
    static_cast<void>(state.take(reading(0), start, wall));
    EXPECT_FALSE(state.is_whole());
    static_cast<void>(state.expire(start + grace));
    EXPECT_EQ(state.entries(), 0U);
    EXPECT_TRUE(state.is_whole());
    SourceFailure again = failure(SourceFailure::Kind::unreadable);
    again.partial = reading(2);
    EXPECT_FALSE(state.take(std::move(again)).diff.has_value());
}

TEST(SourceState, PrefersRestoredRulesToPartsOfABrokenDocument) {
    SourceState state(grace);
    state.restore(reading(2).rules, wall);
    SourceFailure broken = failure(SourceFailure::Kind::unreadable);
    broken.partial = reading(1);
    EXPECT_FALSE(state.take(broken).diff.has_value());
    EXPECT_EQ(state.entries(), 2U);
}

TEST(SourceState, NamesEachStatus) {
    EXPECT_EQ(name_of(SourceStatus::starting), "starting");
    EXPECT_EQ(name_of(SourceStatus::restored), "restored");
    EXPECT_EQ(name_of(SourceStatus::synced), "synced");
    EXPECT_EQ(name_of(SourceStatus::stale), "stale");
    EXPECT_EQ(name_of(SourceStatus::failed), "failed");
    EXPECT_EQ(name_of(SourceStatus::grace), "grace");
    EXPECT_EQ(name_of(SourceStatus::missing), "missing");
}

}  // namespace
}  // namespace arngate::config
