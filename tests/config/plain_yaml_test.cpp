#include "config/plain_yaml.hpp"

#include "config/document.hpp"
#include "config/yaml_document.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <random>
#include <span>
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

/// The short way takes each of the texts, and gives what the long one gives.
void expect_the_same(std::span<const std::string_view> texts) {
    for (const std::string_view text : texts) {
        for (const YamlDialect dialect : {YamlDialect::configuration, YamlDialect::kubernetes}) {
            const auto node = read_plain_yaml(text, dialect);
            const auto wanted = read_yaml(text, dialect);
            ASSERT_TRUE(node) << text;
            ASSERT_TRUE(wanted) << text;
            EXPECT_EQ(print(*node), print(*wanted)) << text;
        }
    }
}

TEST(PlainYaml, ReadsTheSameAsTheLongWay) {
    constexpr auto texts = std::to_array<std::string_view>({
        "a: b\n",
        "---\n# c\n\na: b   \nc:\n  d: \"e: # f\"\n  g: 'h'\n...\n\n",
        "a:\n- b\n- c: d\n  e:\n  - f\n  -   g\nh:\n    - i: j\n      k: l\n",
        "a: [b, \"c, d\",  system:masters ]\nb: []\nc: [1, true, x]\n",
        "a: 012345678901\nb: 0x1F\nc: 1_000\nd: yes\nf: null\ng: 1.50\n",
        "a: arn:aws:iam::123456789012:role/A\nb: x:{{SessionName}}\nc: p q  r\n",
        "a: b",
        "a:\n  b:\n    c: d\ne: f\n",
        "a: b # c\nd: # e\n- f # g\n- \"h # i\" # j\nk: [l, m] # n\no: {p: q} # r\n",
        "a: b#c\nd: e:f\n",
    });
    expect_the_same(texts);
}

TEST(PlainYaml, ReadsListsAndMapsInOneLineTheSame) {
    constexpr auto texts = std::to_array<std::string_view>({
        "a: []\nb: {}\nc: [ ]\nd: {  }\n",
        "- {rolearn: arn:aws:iam::123456789012:role/A, username: a:b, groups: [system:masters, c]}\n",
        "a:\n  - {b: c, d: [e, {f: g}], h: {i: [], j: {}}}\n  -   [k, [l, [m]]]\n",
        "a: {b: c d,e: f  ,  g: h}\n",
        "a: {\"b\": \"c, }\", 'd': '[e]', \"f\": 1, g: 012, h: yes, i: null}\n",
        "a: [b c, 'd', \"e\", '', \"\", f'g, h\"i, j#k, l&m*n!o|p>q%r@s`t, u=v+w~x]\n",
        "a: [1, 1.50, 0x1F, true, Yes, no, null, n]\n",
        "a: [b:c, d::e, f/g]\n",
        "a: [\"b # c\", 'd: e']\n",
    });
    expect_the_same(texts);
}

TEST(PlainYaml, ReadsAListAtTheTop) {
    constexpr auto texts = std::to_array<std::string_view>({
        "- a\n",
        "- rolearn: a\n  groups:\n  - b\n- rolearn: c\n  groups: [d]\n",
        "---\n- [a]\n- {b: c}\n...\n",
    });
    expect_the_same(texts);
}

TEST(PlainYaml, LeavesEverythingElseToTheLongWay) {
    constexpr auto texts = std::to_array<std::string_view>({
        "",
        "# c\n",
        "a:\n",
        "a: b\n c\n",
        "a: b\n  c: d\n",
        "a:\n  b: c\n d: e\n",
        "a: 'b''c'\n",
        "a: \"b\\n\"\n",
        "a: \"b\"c\n",
        "a: \"b\n",
        "a: |\n  b\n",
        "a: &x b\n",
        "a: *x\n",
        "a: !!str b\n",
        "a: [b\n",
        "a: [b,\n  c]\n",
        "a: {b: c,\n  d: e}\n",
        "a: [b: c]\n",
        "a: [\"b\": c]\n",
        "a: [b,]\n",
        "a: [,b]\n",
        "a: [b,,c]\n",
        "a: {b: c,}\n",
        "a: {b:c}\n",
        "a: {b}\n",
        "a: {b: }\n",
        "a: {b:}\n",
        "a: {b: , c: d}\n",
        "a: {\"b\":c}\n",
        "a: {\"b c\": d}\n",
        "a: {\"\": b}\n",
        "a: {b: c: d}\n",
        "a: {b: {{X}}}\n",
        "a: {<<: b}\n",
        "a: {\"<<\": b}\n",
        "a: {null: b}\n",
        "a: {? b : c}\n",
        "a: {b: [c}\n",
        "a: {b: c]\n",
        "a: {b: c}}\n",
        "a: [b]]\n",
        "a: [b] c\n",
        "a: [b]#c\n",
        "a: [b, c # d]\n",
        "a: [b ?c]\n",
        "a: [b c: d]\n",
        "a: [b:, c]\n",
        "a: [b:]\n",
        "a: [-, b]\n",
        "a: [~]\n",
        "a: [&b c]\n",
        "a: [*b]\n",
        "a: [!!str b]\n",
        "a: ['b''c']\n",
        "a: [\"b\\n\"]\n",
        "a: [\"b\"c]\n",
        "a: [b]\n  c\n",
        "a: {b: c}\n  d: e\n",
        "{a: b}\n",
        "a: \"b\"#c\n",
        "a: b: # c\n",
        "- # c\n  a: b\n",
        "a: b: c\n",
        "a: b:\n",
        "? a\n: b\n",
        "<<: a\n",
        "null: a\n",
        "\"a\": b\n",
        "a:\tb\n",
        "a: b\r\n",
        "a: \xc3\xa4\n",
        "a: \"\xc3\xa4\"\n",
        "a: '\xc3\xa4'\n",
        "# \xc3\xa4\na: b\n",
        "a: b # \xff\n",
        "a: b\n---\nc: d\n",
        "a: b\n...\nc: d\n",
        "- - a\n",
        "a: -\n",
        "a: @b\n",
        " a: b\n",
    });
    for (const std::string_view text : texts)
        EXPECT_FALSE(read_plain_yaml(text, YamlDialect::configuration)) << text;
}

/// Texts put together of what the grammar of flow values is made of, so that every neighbourhood comes up.
TEST(PlainYaml, NeverReadsAPieceOfFlowOtherwiseThanTheLongWay) {
    constexpr auto pieces =
        std::to_array<std::string_view>({"[",     "]",   "{", "}",   ",", ": ",  ":", " ", "a",  "b c",
                                         "\"d\"", "'e'", "#", " # ", "1", "yes", "?", "-", "\n", "\n  "});
    std::minstd_rand random(1);  // NOLINT(cert-msc51-cpp): the same texts in each run
    std::uniform_int_distribution<std::size_t> piece(0, pieces.size() - 1);
    std::uniform_int_distribution<std::size_t> count(1, 9);
    std::size_t taken = 0;
    for (int round = 0; round < 60'000; ++round) {
        std::string text = round % 3 == 0 ? "k: [" : round % 3 == 1 ? "k: {a: " : "- {a: b, c: ";
        for (std::size_t left = count(random); left > 0; --left)
            text += pieces.at(piece(random));
        if (round % 2 == 0)
            text += round % 3 == 0 ? "]" : "}";
        for (const YamlDialect dialect : {YamlDialect::configuration, YamlDialect::kubernetes}) {
            const auto node = read_plain_yaml(text, dialect);
            if (!node)
                continue;
            ++taken;
            const auto wanted = read_yaml(text, dialect);
            ASSERT_TRUE(wanted) << text;
            ASSERT_EQ(print(*node), print(*wanted)) << text;
        }
    }
    EXPECT_GT(taken, 1'000U);
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
    const auto flow = [](std::size_t depth) {
        return "a: " + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "\n";
    };
    EXPECT_TRUE(read_plain_yaml(flow(max_document_depth), YamlDialect::configuration));
    EXPECT_FALSE(read_plain_yaml(flow(max_document_depth + 1), YamlDialect::configuration));
    EXPECT_TRUE(read_yaml(flow(max_document_depth)));
    EXPECT_FALSE(read_yaml(flow(max_document_depth + 1)));
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
