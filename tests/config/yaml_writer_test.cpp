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

// A text that is not UTF-8 must not turn into another one, which may be a key of the same map.
TEST(YamlWriter, LeavesWhatOnlyBeginsLikeAControlCharacterAsItIs) {
    EXPECT_EQ(write_yaml(map_of("clu\302sters", "\302"), KeyOrder::as_given), "clu\302sters: \302\n");
}

TEST(YamlWriter, EscapesControlCharacters) {
    EXPECT_EQ(write_yaml(map_of("a", "\001\302\200\302\237"), KeyOrder::as_given), "a: \"\\x01\\x80\\x9F\"\n");
}

}  // namespace
}  // namespace arngate::config
