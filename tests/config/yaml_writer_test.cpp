#include "config/yaml_writer.hpp"

#include "config/yaml_document.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace arngate::config {
namespace {

Node text_node(std::string text) {
    Node node;
    node.kind = Node::Kind::text;
    node.text = std::move(text);
    return node;
}

Node map_of(std::string key, std::string text) {
    Node map;
    map.kind = Node::Kind::map;
    map.members.push_back(Member{.key = std::move(key), .at = {}, .value = text_node(std::move(text))});
    return map;
}

class ReadsBack : public testing::TestWithParam<std::string> {};

TEST_P(ReadsBack, AsKeyAndAsText) {
    const std::string yaml = write_yaml(map_of("k" + GetParam(), GetParam()), KeyOrder::as_given);
    for (const YamlDialect dialect : {YamlDialect::configuration, YamlDialect::kubernetes}) {
        const auto node = read_yaml(yaml, dialect);
        ASSERT_TRUE(node) << yaml;
        ASSERT_EQ(node->members.size(), 1U) << yaml;
        EXPECT_EQ(node->members[0].key, "k" + GetParam()) << yaml;
        EXPECT_EQ(node->members[0].value.kind, Node::Kind::text) << yaml;
        EXPECT_EQ(node->members[0].value.text, GetParam()) << yaml;
    }
}

INSTANTIATE_TEST_SUITE_P(
    YamlWriter,
    ReadsBack,
    testing::Values(
        "",
        "plain",
        "yes",
        "0x1F",
        "1:30",
        "2001-01-01",
        "~",
        "012345678901",
        "a: b",
        "a #b",
        "- a",
        "{a",
        "it's",
        "\"quoted\"",
        "back\\slash",
        "two\nlines",
        "two\nlines\n",
        "\ttab\r",
        "k\303\244fer",
        "next\302\205line",
        "line\342\200\250separator",
        "\357\273\277mark"
    )
);

// YAML 1.2, section 7.4.2: a key without "?" has at most 1024 characters.
TEST(YamlWriter, MarksLongKeys) {
    const std::string longest(128, 'k');
    EXPECT_EQ(write_yaml(map_of(longest, "v"), KeyOrder::as_given), longest + ": v\n");
    EXPECT_EQ(write_yaml(map_of(longest + "k", "v"), KeyOrder::as_given), "? " + longest + "k\n: v\n");
    const std::string controls(1000, '\027');
    Node map = map_of(controls, "v");
    map.members.push_back({.key = controls + "list", .at = {}, .value = {}});
    Node& list = map.members.back().value;
    list.kind = Node::Kind::list;
    list.items = {map_of("a", "b"), text_node("c")};
    list.items[0].members.push_back({.key = longest + "k", .at = {}, .value = map_of("d", "two\nlines\n")});
    Node outer;
    outer.kind = Node::Kind::map;
    outer.members = {
        {.key = controls + "map", .at = {}, .value = map}, {.key = "last", .at = {}, .value = text_node("e")}
    };
    const std::string yaml = write_yaml(outer, KeyOrder::as_given);
    const auto read = read_yaml(yaml, YamlDialect::kubernetes);
    ASSERT_TRUE(read) << yaml;
    EXPECT_EQ(write_yaml(*read, KeyOrder::as_given), yaml);
    ASSERT_EQ(read->members.size(), 2U) << yaml;
    EXPECT_EQ(read->members[0].key, controls + "map");
    EXPECT_EQ(read->members[1].value.text, "e");
    const Node& inner = read->members[0].value.members.at(1).value;
    EXPECT_EQ(inner.items.at(0).members.at(1).value.members.at(0).value.text, "two\nlines\n") << yaml;
    EXPECT_EQ(inner.items.at(1).text, "c");
}

// A text that is not UTF-8 must not turn into another one, which may be a key of the same map.
TEST(YamlWriter, LeavesWhatOnlyBeginsLikeAControlCharacterAsItIs) {
    EXPECT_EQ(write_yaml(map_of("clu\302sters", "\302"), KeyOrder::as_given), "clu\302sters: \302\n");
}

TEST(YamlWriter, EscapesControlCharacters) {
    EXPECT_EQ(write_yaml(map_of("a", "\001\302\200\302\237"), KeyOrder::as_given), "a: \"\\x01\\x80\\x9F\"\n");
}

}  // namespace
}  // namespace arngate::config
