#include "core/base/event_budget.hpp"

#include <gtest/gtest.h>

namespace arngate {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime begin{1h};

TEST(EventBudget, AllowsABurstAndNoMore) {
    EventBudget budget(3, 1, begin);
    EXPECT_TRUE(budget.spend(begin));
    EXPECT_TRUE(budget.spend(begin));
    EXPECT_TRUE(budget.spend(begin));
    EXPECT_FALSE(budget.spend(begin));
}

TEST(EventBudget, FillsUpWithTimeUpToABurst) {
    EventBudget budget(2, 10, begin);
    EXPECT_TRUE(budget.spend(begin));
    EXPECT_TRUE(budget.spend(begin));
    EXPECT_FALSE(budget.spend(begin + 99ms));
    EXPECT_TRUE(budget.spend(begin + 101ms));
    EXPECT_TRUE(budget.spend(begin + 1h));
    EXPECT_TRUE(budget.spend(begin + 1h));
    EXPECT_FALSE(budget.spend(begin + 1h));
}

TEST(EventBudget, WorkExplainsEventsUpToABurst) {
    EventBudget budget(2, 0, begin);
    EXPECT_TRUE(budget.spend(begin));
    budget.earn(100);
    EXPECT_TRUE(budget.spend(begin));
    EXPECT_TRUE(budget.spend(begin));
    EXPECT_FALSE(budget.spend(begin));
}

TEST(EventBudget, ATimeBeforeTheLastGivesNothing) {
    EventBudget budget(1, 1, begin);
    EXPECT_TRUE(budget.spend(begin));
    EXPECT_FALSE(budget.spend(begin - 10s));
    EXPECT_FALSE(budget.spend(begin + 500ms));
    EXPECT_TRUE(budget.spend(begin + 1500ms));
}

}  // namespace
}  // namespace arngate
