#include "core/sts/call_line.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <vector>

namespace arngate::sts {
namespace {

using Tickets = std::vector<CallLine::Ticket>;

class CallLineTest : public testing::Test {
protected:
    void join(CallLine::Ticket ticket, std::uint64_t key) { line.join(ticket, key, turn); }
    CallLine::Ticket begin() {
        const auto begun = line.begin_first();
        turn = std::max(turn, begun.turn);
        return begun.ticket;
    }
    Tickets begin_all() {
        Tickets order;
        while (!line.empty()) {
            order.push_back(begin());
        }
        return order;
    }

    CallLine line;
    std::uint64_t turn = 0;
};

TEST_F(CallLineTest, KeysTakeTurns) {
    for (const CallLine::Ticket ticket : {1U, 2U, 3U}) {
        join(ticket, 7);
    }
    join(4, 8);
    join(5, 9);
    join(6, 8);
    EXPECT_EQ(line.size(), 6U);
    EXPECT_EQ(begin_all(), (Tickets{1, 4, 5, 2, 6, 3}));
    EXPECT_EQ(line.size(), 0U);
}

TEST_F(CallLineTest, WhatComesAgainGoesFirst) {
    join(1, 7);
    line.join_front(3);
    line.join_front(2);
    EXPECT_EQ(line.first(), (CallLine::Waiting{0, 2}));
    EXPECT_EQ(line.last(), (CallLine::Waiting{1, 1}));
    line.leave(2, 7);
    EXPECT_EQ(line.size(), 2U);
    EXPECT_EQ(begin(), 3U);
    line.leave(1, 7);
    EXPECT_TRUE(line.empty());
    line.join_front(4);
    EXPECT_EQ(line.last(), (CallLine::Waiting{0, 4}));
}

TEST_F(CallLineTest, TheLastIsOfTheKeyThatHasMost) {
    for (const CallLine::Ticket ticket : {1U, 2U, 3U}) {
        join(ticket, 7);
    }
    join(4, 8);
    EXPECT_EQ(line.last().ticket, 3U);
    line.leave(3, 7);
    EXPECT_EQ(line.last().ticket, 2U);
    line.leave(1, 7);
    EXPECT_EQ(line.last().ticket, 4U) << "of keys with as many, whose call came last";
}

TEST_F(CallLineTest, ACallThatLeavesPutsTheOthersOfItsKeyNoFurtherBack) {
    for (CallLine::Ticket ticket = 1; ticket <= 100; ++ticket) {
        join(ticket, 7);
    }
    for (CallLine::Ticket ticket = 1; ticket <= 98; ++ticket) {
        line.leave(ticket, 7);
    }
    join(101, 8);
    join(102, 8);
    join(103, 7);
    EXPECT_EQ(begin_all(), (Tickets{99, 101, 100, 102, 103}));
}

TEST_F(CallLineTest, WhoComesAgainAndAgainWaitsForTheOthers) {
    join(1, 7);
    join(2, 7);
    join(3, 8);
    EXPECT_EQ(begin(), 1U);
    EXPECT_EQ(begin(), 3U);
    join(4, 8);
    EXPECT_EQ(begin(), 2U);
    EXPECT_EQ(begin(), 4U);
}

TEST_F(CallLineTest, HoldsItsOrderWhateverHappens) {
    std::mt19937_64 random(1);  // NOLINT(bugprone-random-generator-seed): every run is the same
    std::map<CallLine::Ticket, std::uint64_t> waiting;
    std::map<std::uint64_t, CallLine::Ticket> begun_last;
    for (CallLine::Ticket ticket = 1; ticket <= 5000; ++ticket) {
        const std::uint64_t key = random() % 8;
        join(ticket, key);
        waiting.emplace(ticket, key);
        if (random() % 3 == 0) {
            const auto some = std::next(waiting.begin(), static_cast<std::ptrdiff_t>(random() % waiting.size()));
            line.leave(some->first, some->second);
            waiting.erase(some);
        }
        if (!waiting.empty() && random() % 2 == 0) {
            const CallLine::Waiting first = line.first();
            ASSERT_LE(first, line.last());
            ASSERT_EQ(begin(), first.ticket);
            const auto found = waiting.find(first.ticket);
            ASSERT_NE(found, waiting.end());
            ASSERT_LT(begun_last[found->second], first.ticket) << "each key in the order in which its calls came";
            begun_last[found->second] = first.ticket;
            waiting.erase(found);
        }
        ASSERT_EQ(line.size(), waiting.size());
        ASSERT_EQ(line.empty(), waiting.empty());
    }
}

}  // namespace
}  // namespace arngate::sts
