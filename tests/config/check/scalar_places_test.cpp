#include "config/check/scalar_places.hpp"

#include "config/yaml_document.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate::config::check {
namespace {

/// The character of the file that stands where `needle` of the first value of the file is said to be.
std::string found_at(const std::string& file, std::string_view needle) {
    const auto root = read_yaml(file, YamlDialect::kubernetes);
    if (!root)
        return "no yaml: " + root.error().found;
    const Node& value = root->members.front().value;
    const Lines lines(file);
    const ScalarPlaces places(file, lines, value.at, value.text);
    const std::size_t in_value = value.text.find(needle);
    if (in_value == std::string::npos)
        return "not in the value: " + value.text;
    const Position at = places.in_file(Lines(value.text).position(in_value));
    return file.substr(lines.offset(at), needle.size());
}

TEST(ScalarPlaces, FollowsEveryKindOfScalar) {
    for (const std::string file : {
             "a: |\n  - rolearn: x\n    username: y\n",
             "a: |-\n  - rolearn: x\n    username: y\n\n\n",
             "a: |4  # four\n      - rolearn: x\n        username: y\n",
             "a: |\n\n\n  - rolearn: x\n\n    username: y\n",
             "a: &anchor !!str |\n  - rolearn: x\n    username: y\n",
             "a: \"- rolearn: x\\n  username: y\\n\"\n",
             "a: \"\\\"q\\\" \\u00e9\\x41\\U0001F600 - rolearn: x\\n\\t\\N\\L  username: y\"\n",
             "a: \"- rolearn: x\n\n  username: y\"\n",
             "a: \"- rolearn: x \\\n     username: y\"\n",
             "a: 'it''s - rolearn: x\n\n    username: y'\n",
             "a: >\n  - rolearn: x\n    username: y\n",
             "a: >\n  - rolearn: x\n  username: y\n",
             "a: >\n  - rolearn: x\n\n\n  username: y\n",
             "a: plain x\n  username\n",
             "a: |\r\n  - rolearn: x\r\n    username: y\r\n",
             "{\"a\":\"- rolearn: x\\n  username: y\\n\"}",
         }) {
        EXPECT_EQ(found_at(file, "username"), "username") << file;
        EXPECT_EQ(found_at(file, "x"), "x") << file;
    }
}

TEST(ScalarPlaces, NamesTheScalarWhereItCannotBeFollowed) {
    const std::string file = "a: |\n  one\n";
    const Lines lines(file);
    for (const std::string_view other : {"two\n", "onet\n", "one\n\n\n\nmore"}) {
        const ScalarPlaces places(file, lines, {1, 4}, other);
        EXPECT_EQ(places.in_file({1, 1}).line, 1) << other;
        EXPECT_EQ(places.in_file({1, 1}).column, 4) << other;
    }
    const ScalarPlaces good(file, lines, {1, 4}, "one\n");
    EXPECT_EQ(good.in_file({1, 3}).line, 2);
    EXPECT_EQ(good.in_file({1, 3}).column, 5);
    for (const Position none : {Position{0, 0}, Position{-1, -1}})
        EXPECT_EQ(good.in_file(none).line, 1);
    for (const Position beyond : {Position{3, 1}, Position{1, 0}, Position{1, 99}}) {
        EXPECT_EQ(good.in_file(beyond).line, 2);
        EXPECT_EQ(good.in_file(beyond).column, 6);
    }
}

TEST(ScalarPlaces, EndsWithTheFile) {
    for (const std::string_view file : {"", "\"", "\"\\", "\"\\x", "\"\\u12", "'", "|", ">", "|\n", "&a", "!t  "}) {
        const Lines lines(file);
        const ScalarPlaces places(file, lines, {1, 1}, "value");
        EXPECT_EQ(places.in_file({1, 1}).line, 1) << file;
    }
}

TEST(Lines, TurnsOffsetsIntoPlacesAndBack) {
    const std::string text = "ab\n\nc";
    const Lines lines(text);
    for (std::size_t offset = 0; offset <= text.size(); ++offset)
        EXPECT_EQ(lines.offset(lines.position(offset)), offset);
    EXPECT_EQ(lines.position(4).line, 3);
    EXPECT_EQ(lines.offset({9, 1}), text.size());
}

}  // namespace
}  // namespace arngate::config::check
