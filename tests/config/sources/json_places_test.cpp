#include "config/sources/json_places.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate::config {
namespace {

std::string places(std::string_view json) {
    std::string out;
    for (const auto& items : places_of_items(json)) {
        out += out.empty() ? "" : " | ";
        for (const Position& at : items) {
            out += std::to_string(at.line) + ":" + std::to_string(at.column) + " ";
        }
    }
    return out;
}

TEST(JsonPlaces, AreThoseOfTheItemsOfEachMember) {
    EXPECT_EQ(places(R"({"a": [1, "x,]", {"b": [2, 3]}, [4, 5]], "c": 6, "d": []})"), "1:8 1:11 1:18 1:33  |  | ");
    EXPECT_EQ(places("{\"a\":\n[\n1,\n  2]}"), "3:1 4:3 ");
    EXPECT_EQ(places(R"({"a": {"b": [1, 2], "c": [3]}, "d": [true, null]})"), "1:38 1:44 ");
    EXPECT_EQ(places(R"({"a\":[": ["\\", "\"", 1]})"), "1:12 1:18 1:24 ");
    EXPECT_EQ(places("{}"), "");
}

TEST(JsonPlaces, EndOnTextThatIsNoJson) {
    for (const char* text : {"", "[", "{\"", "{\"a\\", ":::", "}}}}]]]]", "[[[,,,", "{\"a\": [\"", ",", "[1,2]"}) {
        static_cast<void>(places_of_items(text));
    }
}

}  // namespace
}  // namespace arngate::config
