#include "config/plain_yaml.hpp"

#include "config/document.hpp"
#include "config/yaml_document.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace arngate::config {
namespace {

/// All of a node, with its places.
std::string print(const Node& node) {
    std::string out = std::to_string(static_cast<int>(node.kind)) + "@" + std::to_string(node.at.line) + ":" +
                      std::to_string(node.at.column) + "'" + node.text + "'" + node.written + "[";
    for (const Node& item : node.items)
        out += print(item) + ",";
    for (const Member& member : node.members) {
        out += member.key + "@" + std::to_string(member.at.line) + ":" + std::to_string(member.at.column) + "=" +
               print(member.value) + ",";
    }
    return out + "]";
}

TEST(PlainYaml, ReadsTheSameAsTheLongWay) {
    constexpr std::array<std::string_view, 9> texts{
        "a: b\n",
        "---\n# c\n\na: b   \nc:\n  d: \"e: # f\"\n  g: 'h'\n...\n\n",
        "a:\n- b\n- c: d\n  e:\n  - f\n  -   g\nh:\n    - i: j\n      k: l\n",
        "a: [b, \"c, d\",  system:masters ]\nb: []\nc: [1, true, ~x]\n",
        "a: 012345678901\nb: 0x1F\nc: 1_000\nd: yes\nf: null\ng: 1.50\n",
        "a: arn:aws:iam::123456789012:role/A\nb: x:{{SessionName}}\nc: p q  r\n",
        "- a\n",
        "a: b",
        "a:\n  b:\n    c: d\ne: f\n",
    };
    std::size_t read = 0;
    for (const std::string_view text : texts) {
        for (const YamlDialect dialect : {YamlDialect::configuration, YamlDialect::kubernetes}) {
            const auto node = read_plain_yaml(text, dialect);
            if (!node)
                continue;
            ++read;
            EXPECT_EQ(print(*node), print(*read_yaml(text, dialect))) << text;
        }
    }
    EXPECT_EQ(read, 2 * (texts.size() - 2));  // a list at the top and "~" are for the long way
}

TEST(PlainYaml, LeavesEverythingElseToTheLongWay) {
    constexpr std::array<std::string_view, 36> texts{
        "",
        "# c\n",
        "a:\n",
        "a: b\n c\n",
        "a: b\n  c: d\n",
        "a:\n  b: c\n d: e\n",
        "a: b # c\n",
        "a: 'b''c'\n",
        "a: \"b\\n\"\n",
        "a: \"b\"c\n",
        "a: \"b\n",
        "a: |\n  b\n",
        "a: &x b\n",
        "a: *x\n",
        "a: !!str b\n",
        "a: {b: c}\n",
        "a: [b\n",
        "a: [b: c]\n",
        "a: [b,]\n",
        "a: [[b]]\n",
        "a: [b] c\n",
        "a: b: c\n",
        "a: b:\n",
        "? a\n: b\n",
        "<<: a\n",
        "null: a\n",
        "\"a\": b\n",
        "a:\tb\n",
        "a: b\r\n",
        "a: \xc3\xa4\n",
        "a: b\n---\nc: d\n",
        "a: b\n...\nc: d\n",
        "- - a\n",
        "a: -\n",
        "a: @b\n",
        " a: b\n",
    };
    for (const std::string_view text : texts)
        EXPECT_FALSE(read_plain_yaml(text, YamlDialect::configuration)) << text;
}

std::string nested(std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i + 1 < depth; ++i)
        text += std::string(i, ' ') + "a:\n";
    return text + std::string(depth - 1, ' ') + "a: b\n";
}

TEST(PlainYaml, KeepsTheLimitOfDepth) {
    EXPECT_TRUE(read_plain_yaml(nested(max_document_depth), YamlDialect::configuration));
    EXPECT_FALSE(read_plain_yaml(nested(max_document_depth + 1), YamlDialect::configuration));
}

TEST(PlainYaml, IsTriedForLargeTextsWhoseErrorsStayThoseOfTheLongWay) {
    std::string text;
    while (text.size() < large_yaml_bytes)
        text += "key" + std::to_string(text.size()) + ": value\n";
    const auto good = read_yaml(text);
    ASSERT_TRUE(good);
    EXPECT_TRUE(read_plain_yaml(text, YamlDialect::configuration));
    const auto bad = read_yaml(text + "a: {{X}}\n");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().at.line, static_cast<int>(good->members.size()) + 1);
    EXPECT_EQ(bad.error().advice, quote_templates);
}

}  // namespace
}  // namespace arngate::config
