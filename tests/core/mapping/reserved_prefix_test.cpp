#include "core/mapping/reserved_prefix.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstddef>
#include <string>
#include <vector>

namespace arngate::mapping {
namespace {

TEST(ReservedPrefix, FollowsTheVectors) {
    simdjson::dom::parser parser;
    const simdjson::dom::element file = parser.load(std::string(ARNGATE_TEST_VECTORS) + "/reserved-prefix.json");
    std::size_t count = 0;
    for (const simdjson::dom::element one : file["cases"].get_array()) {
        std::vector<std::string> reserved;
        for (const simdjson::dom::element prefix : one["reserved"].get_array()) {
            reserved.emplace_back(std::string_view(prefix));
        }
        const std::string_view username = one["username"];
        EXPECT_EQ(has_reserved_prefix(username, reserved), bool(one["expect"])) << username;
        ++count;
    }
    EXPECT_EQ(count, 9U);
}

TEST(ReservedPrefix, IsThePrefixItselfToo) {
    EXPECT_TRUE(has_reserved_prefix("eks:", std::vector<std::string>{"eks:"}));
    EXPECT_TRUE(has_reserved_prefix("eks:", std::vector<std::string>{"", "aws:", "eks:"}));
}

}  // namespace
}  // namespace arngate::mapping
