#include "core/credentials/json_document.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate::credentials {
namespace {

constexpr std::size_t limit = 200;

std::string trouble(std::string_view text) {
    const auto document = JsonDocument::parse(Secret(text), limit);
    return document ? "none" : document.error();
}

TEST(JsonDocument, GivesTextsAndNumbers) {
    const auto document =
        JsonDocument::parse(Secret(R"({"a":"x","n":-5,"f":1.5,"o":{"b":"y","n":7},"z":null})"), limit);
    ASSERT_TRUE(document) << document.error();
    EXPECT_EQ(document->text("a"), "x");
    EXPECT_EQ(document->integer("n"), -5);
    EXPECT_EQ(document->text("o", "b"), "y");
    EXPECT_EQ(document->integer("o", "n"), 7);
    EXPECT_FALSE(document->text("n"));
    EXPECT_FALSE(document->integer("a"));
    EXPECT_FALSE(document->integer("f"));
    EXPECT_FALSE(document->text("z"));
    EXPECT_FALSE(document->text("o"));
    EXPECT_FALSE(document->text("b"));
    EXPECT_FALSE(document->text("nowhere", "b"));
    EXPECT_TRUE(document->has("o"));
    EXPECT_FALSE(document->has("b"));
}

TEST(JsonDocument, WritesWhatItReadAndWhatWasSet) {
    auto document =
        JsonDocument::parse(Secret(R"({"b":[1,{"c":"d"}],"a":"\"\\\n\u00e9","o":{"x":true}})"), limit).value();
    document.set_text("new", "\x01");
    document.set_text("o", "y", "z");
    EXPECT_EQ(
        document.to_json().expose(),
        "{\"a\":\"\\\"\\\\\\n\xC3\xA9\",\"b\":[1,{\"c\":\"d\"}],\"new\":\"\\u0001\",\"o\":{\"x\":true,\"y\":\"z\"}}"
    );
    document.set_text("o", "text now");
    document.set_text("a", "b", "object now");
    EXPECT_EQ(document.text("o"), "text now");
    EXPECT_EQ(document.text("a", "b"), "object now");
    EXPECT_FALSE(document.text("a"));
    EXPECT_EQ(JsonDocument().to_json().expose(), "{}");
}

TEST(JsonDocument, RefusesWhatIsNoObjectOrUnclear) {
    for (const char* wrong : {"", " ", "{", "[]", "\"a\"", "1", "{} x", R"({"a":1,"a":2})", R"({"o":{"a":1,"a":1}})"}) {
        EXPECT_NE(trouble(wrong), "none") << wrong;
    }
    EXPECT_EQ(trouble("{\"a\":" + std::string(8, '[') + std::string(8, ']') + "}"), "none");
    EXPECT_EQ(trouble("{\"a\":" + std::string(20, '[') + std::string(20, ']') + "}"), "no JSON");
    EXPECT_EQ(trouble("{}" + std::string(limit - 2, ' ')), "none");
    EXPECT_EQ(trouble("{}" + std::string(limit - 1, ' ')), "too long");
}

}  // namespace
}  // namespace arngate::credentials
