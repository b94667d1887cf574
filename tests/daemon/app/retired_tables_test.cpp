#include "daemon/retired_tables.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace arngate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Table = std::shared_ptr<const mapping::Table>;

Table table_of(std::size_t accounts) {
    mapping::SourceRules rules;
    for (std::size_t i = 0; i < accounts; ++i) {
        rules.accounts.push_back(fmt::format("{:012}", i));
    }
    std::vector<mapping::TableWarning> warnings;
    std::vector<mapping::SourceRules> sources;
    sources.push_back(std::move(rules));
    return mapping::Table::build(std::move(sources), {}, warnings);
}

TEST(RetiredTables, HasNothingToDoAfterTheFirstSmallTable) {
    RetiredTables tables;
    EXPECT_EQ(tables.next_time(), std::nullopt);
    tables.replace(nullptr, *table_of(1), {});
    EXPECT_EQ(tables.next_time(), std::nullopt);
}

TEST(RetiredTables, KeepsATableUntilNobodyElseHoldsIt) {
    RetiredTables tables;
    Table review = table_of(1);
    const std::weak_ptr<const mapping::Table> old = review;
    SteadyTime now{};
    tables.replace(review, *table_of(1), now);

    const auto first = tables.next_time();
    ASSERT_TRUE(first);
    EXPECT_GT(*first, now);
    now = *first;
    tables.on_time(now);
    const auto second = tables.next_time();
    ASSERT_TRUE(second);
    EXPECT_GT(*second, now);

    review.reset();
    tables.on_time(*second - milliseconds(1));
    EXPECT_FALSE(old.expired()) << "before its time";
    tables.on_time(*second);
    EXPECT_TRUE(old.expired());
    EXPECT_EQ(tables.next_time(), std::nullopt);
}

TEST(RetiredTables, FreesThoseOfManyThatAreFree) {
    RetiredTables tables;
    const Table held = table_of(1);
    Table free = table_of(1);
    const std::weak_ptr<const mapping::Table> old = free;
    tables.replace(held, *free, {});
    tables.replace(std::move(free), *table_of(1), {});
    tables.on_time(*tables.next_time());
    EXPECT_TRUE(old.expired());
    EXPECT_EQ(held.use_count(), 2);
    EXPECT_TRUE(tables.next_time().has_value());
}

TEST(RetiredTables, GivesMemoryBackOnceAfterABigTable) {
    const Table big = table_of(10'000);
    const Table small = table_of(9'999);
    RetiredTables tables;
    tables.replace(nullptr, *small, {});
    EXPECT_EQ(tables.next_time(), std::nullopt);
    tables.replace(nullptr, *big, {});
    const auto due = tables.next_time();
    ASSERT_TRUE(due) << "one has come";
    EXPECT_GE(*due - SteadyTime{}, seconds(1)) << "not while reviews still move to the new one";
    tables.on_time(*due);
    EXPECT_EQ(tables.next_time(), std::nullopt);

    tables.replace(big, *small, *due);
    while (const auto next = tables.next_time()) {
        if (*next >= *due + seconds(1)) {
            SUCCEED() << "one has gone";
            return;
        }
        tables.on_time(*next);
    }
    FAIL() << "memory is not given back when a big table has gone";
}

}  // namespace
}  // namespace arngate
