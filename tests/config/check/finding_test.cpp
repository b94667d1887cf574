#include "config/check/finding.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace arngate::config::check {
namespace {

TEST(Rules, AreAllInTheDocumentation) {
    std::ifstream file(std::string(ARNGATE_SOURCE_DIR) + "/docs/check.md");
    std::ostringstream text;
    text << file.rdbuf();
    for (const RuleInfo& rule : rules()) {
        EXPECT_NE(text.str().find("\n### " + std::string(rule.id) + "\n"), std::string::npos) << rule.id;
        EXPECT_EQ(find_rule(rule.id), &rule);
        EXPECT_TRUE(rule.summary.size() > 10 && !rule.summary.ends_with('.')) << rule.id;
        EXPECT_TRUE(rule.advice.ends_with('.')) << rule.id;
    }
    EXPECT_EQ(find_rule("Duplicate"), nullptr);
    EXPECT_EQ(find_rule(""), nullptr);
}

TEST(Visible, EscapesWhatATerminalWouldObey) {
    EXPECT_EQ(visible("a\x1b[31mb\r\n\t\x7f"), "a\\x1b[31mb\\x0d\\x0a\\x09\\x7f");
    EXPECT_EQ(visible("é€😀"), "é€😀");
    EXPECT_EQ(visible("\u0085"), "\\xc2\\x85");
    EXPECT_EQ(
        visible("a\u202eb\u2066c\ufeff\u200b"), "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa6c\\xef\\xbb\\xbf\\xe2\\x80\\x8b"
    );
    EXPECT_EQ(visible("\xff\xc3\xe2\x82\xc0\x80"), "\\xff\\xc3\\xe2\\x82\\xc0\\x80");
    EXPECT_EQ(
        visible("\xed\xa0\x80\xf4\x90\x80\x80\xe0\x80\x80"), "\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80\\xe0\\x80\\x80"
    );
    EXPECT_EQ(visible(""), "");
}

TEST(Sort, PutsFindingsInOrderAndKeepsEachOnce) {
    const Finding one{"syntax", Severity::error, "b", {2, 1}, "m"};
    const Finding two{"syntax", Severity::error, "b", {1, 9}, "m"};
    const Finding three{"syntax", Severity::error, "a", {5, 5}, "m"};
    const Finding stranger{"syntax", Severity::error, "0", {1, 1}, "m"};
    std::vector<Finding> findings{stranger, three, one, two, one};
    const std::vector<std::string> files{"b", "a"};
    sort(findings, files);
    ASSERT_EQ(findings.size(), 4U);
    EXPECT_EQ(findings[0].at.line, 1);
    EXPECT_EQ(findings[1].at.line, 2);
    EXPECT_EQ(findings[2].file, "a");
    EXPECT_EQ(findings[3].file, "0");
}

}  // namespace
}  // namespace arngate::config::check
