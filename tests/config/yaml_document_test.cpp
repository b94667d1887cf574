#include "config/yaml_document.hpp"

#include "config/document.hpp"
#include "config/toml_document.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace arngate::config {
namespace {

/// One line that shows kind and value, e.g. {a: [n1, "x", b-true, null]}.
std::string print(const Node& node) {
    std::string out;
    switch (node.kind) {
        case Node::Kind::null:
            return "null";
        case Node::Kind::text:
            return "'" + node.text + "'";
        case Node::Kind::number:
            return node.text;
        case Node::Kind::boolean:
            return node.text;
        case Node::Kind::list:
            for (const Node& item : node.items)
                out += (out.empty() ? "" : ", ") + print(item);
            return "[" + out + "]";
        case Node::Kind::map:
            for (const Member& member : node.members) {
                out += (out.empty() ? "" : ", ") + member.key + ": " + print(member.value);
            }
            return "{" + out + "}";
    }
    return out;
}

std::string read(std::string_view text) {
    const auto node = read_yaml(text);
    if (node)
        return print(*node);
    return std::to_string(node.error().at.line) + ":" + std::to_string(node.error().at.column) + ": " +
           node.error().found + (node.error().advice.empty() ? "" : " | " + node.error().advice);
}

TEST(YamlDocument, ReadsValuesAsGoDoes) {
    struct Case {
        std::string_view text;
        std::string_view expected;
    };
    constexpr std::array cases{
        Case{"", "null"},
        Case{"# only a comment\n", "null"},
        Case{"a: 1", "{a: 1}"},
        Case{"a: 0123", "{a: 83}"},
        Case{"a: 0o17", "{a: 15}"},
        Case{"a: 08", "{a: 8}"},
        Case{"a: 012345678901", "{a: 12345678901}"},
        Case{"a: 0x1F", "{a: 31}"},
        Case{"a: 0b101", "{a: 5}"},
        Case{"a: -5", "{a: -5}"},
        Case{"a: +5", "{a: 5}"},
        Case{"a: -0", "{a: 0}"},
        Case{"a: 1_000", "{a: 1000}"},
        Case{"a: 1e3", "{a: 1000}"},
        Case{"a: 1.50", "{a: 1.5}"},
        Case{"a: .5", "{a: 0.5}"},
        Case{"a: 5.", "{a: 5}"},
        Case{"a: 18446744073709551615", "{a: 18446744073709551615}"},
        Case{"a: 99999999999999999999", "{a: 100000000000000000000}"},
        Case{"a: 1e999", "{a: '1e999'}"},
        Case{"a: .", "{a: '.'}"},
        Case{"a: 1.2.3", "{a: '1.2.3'}"},
        Case{"a: 127.0.0.1", "{a: '127.0.0.1'}"},
        Case{"a: +", "{a: '+'}"},
        Case{"a: 0x", "{a: '0x'}"},
        Case{"a: \"1\"", "{a: '1'}"},
        Case{"a: '012'", "{a: '012'}"},
        Case{"a: !!str 12", "{a: '12'}"},
        Case{"a: true", "{a: true}"},
        Case{"a: TRUE", "{a: true}"},
        Case{"a: yes", "{a: 'yes'}"},
        Case{"a: \"true\"", "{a: 'true'}"},
        Case{"a: ~", "{a: null}"},
        Case{"a:", "{a: null}"},
        Case{"a: ''", "{a: ''}"},
        Case{"1: x", "{1: 'x'}"},
        Case{"true: x", "{true: 'x'}"},
        Case{"{\"a\":[1,\"b\",null,false,{\"c\":\"d\"}]}", "{a: [1, 'b', null, false, {c: 'd'}]}"},
        Case{"a: &x [1, 2]\nb: *x", "{a: [1, 2], b: [1, 2]}"},
        Case{"&k key: 1\nb: *k", "{key: 1, b: 'key'}"},
        Case{"a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3", "{a: {p: 1, q: 2}, b: {q: 3, p: 1}}"},
        Case{"b:\n  <<: [{p: 1}, {p: 2, q: 3}]", "{b: {p: 1, q: 3}}"},
        Case{"a: |\n  two\n  lines\n", "{a: 'two\nlines\n'}"},
        Case{"a: 1\n...\n", "{a: 1}"},
    };
    for (const Case& test : cases)
        EXPECT_EQ(read(test.text), test.expected) << test.text;
}

TEST(YamlDocument, RefusesWhatIsNotOneDocumentOfTextKeys) {
    EXPECT_EQ(read("a: 1\n---\nb: 2\n"), "3:1: a second document | Keep one document in the file.");
    EXPECT_EQ(
        read("a: {{X}}\n"),
        "1:5: a map or list where a key must stand | A value with {{ }} must stand in quotes, as in username: "
        "\"{{SessionName}}\"."
    );
    EXPECT_EQ(
        read("? [a]\n: b\n"),
        "1:3: a map or list where a key must stand | Check that every bracket and brace is closed."
    );
    EXPECT_EQ(read("a: &x [*x]\n"), "1:8: an alias inside the value that it stands for");
    EXPECT_EQ(read("b:\n  <<: 3\n"), "2:3: a merge key << whose value is no map");
    EXPECT_EQ(read("~: b\n"), "1:1: no text where a key must stand");
    EXPECT_EQ(read("a:\n\tb: 1\n").find("2:"), 0U);
}

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + "1" + std::string(depth, ']');
}

TEST(YamlDocument, RefusesWhatIsNotUtf8) {
    EXPECT_EQ(read("a: k\303\244fer"), "{a: 'k\303\244fer'}");
    EXPECT_EQ(read("a: b\nc: k\344fer\n"), "2:5: bytes that are no character of UTF-8 | Save it as UTF-8.");
    EXPECT_EQ(read("\303\244: \303"), "1:4: bytes that are no character of UTF-8 | Save it as UTF-8.");
    EXPECT_EQ(read("a: b\n\n# comment \377\n"), "3:11: bytes that are no character of UTF-8 | Save it as UTF-8.");
    EXPECT_EQ(read("a: \355\240\200"), "1:4: bytes that are no character of UTF-8 | Save it as UTF-8.");
    const std::string many = "a: b\n" + std::string(large_yaml_bytes, '#') + "\nc: \344\n";
    EXPECT_EQ(read(many), "3:4: bytes that are no character of UTF-8 | Save it as UTF-8.");
    const auto documents = read_yaml_documents("a: b\n---\n\344: c\n", YamlDialect::kubernetes);
    ASSERT_FALSE(documents);
    EXPECT_EQ(documents.error().at.line, 3);
}

TEST(YamlDocument, RefusesControlCharacters) {
    const std::string advice = "a control character | Take it out, or escape it in double quotes.";
    EXPECT_EQ(read("a:\tb\r\nc: \"\\x04\"\r\n"), "{a: 'b', c: '\004'}");
    EXPECT_EQ(read("a: b\n\004c: d\n"), "2:1: " + advice);
    EXPECT_EQ(read(std::string_view("a\0: b", 5)), "1:2: " + advice);
    EXPECT_EQ(read("a: \177"), "1:4: " + advice);
    EXPECT_EQ(read("a: \302\205b"), "{a: '\302\205b'}");
    EXPECT_NE(read("a: \302\200"), "{a: '\302\200'}");
    EXPECT_NE(read("a: \357\277\277"), "{a: '\357\277\277'}");
}

TEST(YamlDocument, RefusesWhatBeginsNoValue) {
    const std::string_view found = "a character that begins no value";
    for (const std::string_view text : {",", "# a\n,\n", "---\n,"}) {
        const auto documents = read_yaml_documents(text, YamlDialect::kubernetes);
        ASSERT_FALSE(documents) << text;
        EXPECT_EQ(documents.error().found, found) << text;
        const auto first = read_yaml(text, YamlDialect::kubernetes);
        ASSERT_FALSE(first) << text;
        EXPECT_EQ(first.error().found, found) << text;
    }
    for (const std::string_view text : {"", "---\n", "---\n---\n", "---\n---\n---\na: b\n", "---\n...\n---\n{"}) {
        EXPECT_TRUE(read_yaml(text, YamlDialect::kubernetes)) << text;
    }
    EXPECT_EQ(read_yaml_documents("---\n---\n---\na: b\n", YamlDialect::kubernetes)->size(), 3U);
}

TEST(YamlDocument, ReadsUtf16ByItsByteOrderMark) {
    using namespace std::string_view_literals;
    EXPECT_EQ(read("\376\377\000a\000:\000 \000b"sv), "{a: 'b'}");
    EXPECT_EQ(read("\377\376a\000:\000 \000b\000"sv), "{a: 'b'}");
}

TEST(YamlDocument, BoundsDepth) {
    EXPECT_EQ(read(nested(max_document_depth)), nested(max_document_depth));
    const std::string at = "1:" + std::to_string(max_document_depth + 1);
    EXPECT_EQ(read(nested(max_document_depth + 1)), at + ": more than 32 maps and lists inside each other");
    EXPECT_EQ(read(nested(100'000)), at + ": more than 32 maps and lists inside each other");
    // Through aliases too: 20 levels inside 20.
    EXPECT_NE(
        read("a: &x " + nested(20) + "\nb: " + std::string(20, '[') + "*x" + std::string(20, ']'))
            .find("more than 32 maps and lists"),
        std::string::npos
    );
}

TEST(YamlDocument, BoundsWhatAliasesBecome) {
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j < 10; ++j)
            bomb += (j == 0 ? "" : ",") + before;
        bomb += "]\n";
    }
    EXPECT_NE(read(bomb).find("more values than a configuration may hold"), std::string::npos);
    // One long text many times.
    std::string texts = "a: &a \"" + std::string(1U << 20U, 'x') + "\"\nb: [";
    for (int i = 0; i < 1000; ++i)
        texts += "*a,";
    EXPECT_NE(read(texts + "]\n").find("more values than a configuration may hold"), std::string::npos);
}

TEST(TomlDocument, ReadsValuesInTheOrderWritten) {
    const auto node = read_toml(
        "b = 1\na = \"x\"\nf = 1.5\nt = true\nd = 2020-01-02\n[server]\nport = 2\n[[server.mapRoles]]\nrolearn = "
        "\"r\"\n"
    );
    ASSERT_TRUE(node);
    EXPECT_EQ(
        print(*node), "{b: 1, a: 'x', f: 1.5, t: true, d: '2020-01-02', server: {port: 2, mapRoles: [{rolearn: 'r'}]}}"
    );
    const Member* port = find_path(*node, "server.port");
    ASSERT_NE(port, nullptr);
    EXPECT_EQ(port->at.line, 7);
    EXPECT_EQ(port->value.at.line, 7);
    EXPECT_EQ(port->value.at.column, 8);
}

TEST(TomlDocument, NamesThePlaceOfAFault) {
    const auto node = read_toml("a = 1\nb = \n");
    ASSERT_FALSE(node);
    EXPECT_EQ(node.error().at.line, 2);
    const auto twice = read_toml("a = 1\na = 2\n");
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().at.line, 2);
    EXPECT_FALSE(read_toml("a = " + nested(10'000)));
}

}  // namespace
}  // namespace arngate::config
