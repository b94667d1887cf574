#include "core/identity/single_flight.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace arngate::identity {
namespace {

using Flight = SingleFlight<std::string, std::move_only_function<int()>>;

std::move_only_function<int()> waiter(int number) {
    return [owned = std::make_unique<int>(number)] { return *owned; };
}

std::vector<int> call_all(std::vector<std::move_only_function<int()>> waiters) {
    std::vector<int> numbers;
    for (auto& one : waiters) {
        numbers.push_back(one());
    }
    return numbers;
}

TEST(SingleFlight, TellsTheFirstFromTheOthers) {
    Flight flight;
    EXPECT_TRUE(flight.join("a", waiter(1)));
    EXPECT_FALSE(flight.join("a", waiter(2)));
    EXPECT_TRUE(flight.join("b", waiter(3)));
    EXPECT_FALSE(flight.join("a", waiter(4)));
    EXPECT_EQ(flight.waiting(), 4U);
    EXPECT_EQ(flight.flights(), 2U);
    EXPECT_EQ(call_all(flight.take("a")), (std::vector{1, 2, 4}));
    EXPECT_EQ(flight.waiting(), 1U);
    EXPECT_TRUE(flight.join("a", waiter(5))) << "the next flight of the same key";
}

TEST(SingleFlight, TakesNothingTwice) {
    Flight flight;
    EXPECT_TRUE(flight.take("a").empty());
    EXPECT_TRUE(flight.join("a", waiter(1)));
    EXPECT_EQ(flight.take("a").size(), 1U);
    EXPECT_TRUE(flight.take("a").empty());
    EXPECT_EQ(flight.waiting(), 0U);
    EXPECT_EQ(flight.flights(), 0U);
}

TEST(SingleFlight, TakesAll) {
    Flight flight;
    EXPECT_TRUE(flight.join("a", waiter(1)));
    EXPECT_TRUE(flight.join("b", waiter(2)));
    EXPECT_FALSE(flight.join("b", waiter(3)));
    EXPECT_EQ(flight.take_all().size(), 3U);
    EXPECT_EQ(flight.waiting(), 0U);
    EXPECT_TRUE(flight.take_all().empty());
    EXPECT_TRUE(flight.take("b").empty());
}

}  // namespace
}  // namespace arngate::identity
