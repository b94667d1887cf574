#include "core/base/json_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate {
namespace {

std::string written(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

TEST(JsonText, LeavesPlainTextAlone) {
    EXPECT_EQ(written(""), "\"\"");
    EXPECT_EQ(written("arn:aws:iam::1:role/a+b=c,.@-_/'\x7f"), "\"arn:aws:iam::1:role/a+b=c,.@-_/'\x7f\"");
    EXPECT_EQ(written("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
}

TEST(JsonText, EscapesAsGoDoes) {
    EXPECT_EQ(written("\"\\/<>&"), R"("\"\\/\u003c\u003e\u0026")");
    EXPECT_EQ(written("\b\f\n\r\t"), R"("\b\f\n\r\t")");
    EXPECT_EQ(written(std::string_view("\0\x01\x1f", 3)), R"("\u0000\u0001\u001f")");
    EXPECT_EQ(written("a\xe2\x80\xa8\x62\xe2\x80\xa9"), R"("a\u2028b\u2029")");
}

TEST(JsonText, ReplacesWhatIsNotUtf8) {
    for (const std::string_view bad : {"\x80", "\xbf", "\xc0", "\xc1", "\xf5", "\xff", "\xc3", "\xf4"}) {
        EXPECT_EQ(written(bad), R"("\ufffd")");
    }
    EXPECT_EQ(written("\xc0\x80"), R"("\ufffd\ufffd")") << "overlong";
    EXPECT_EQ(written("\xe0\x9f\xbf"), R"("\ufffd\ufffd\ufffd")") << "overlong";
    EXPECT_EQ(written("\xf0\x8f\xbf\xbf"), R"("\ufffd\ufffd\ufffd\ufffd")") << "overlong";
    EXPECT_EQ(written("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")") << "surrogate";
    EXPECT_EQ(written("\xf4\x90\x80\x80"), R"("\ufffd\ufffd\ufffd\ufffd")") << "beyond U+10FFFF";
    EXPECT_EQ(
        written("\xe2\x82"
                "a"),
        R"("\ufffd\ufffda")"
    ) << "cut short";
}

TEST(JsonText, KeepsTheEdgesOfUtf8) {
    for (const std::string_view good :
         {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"
         }) {
        EXPECT_EQ(written(good), '"' + std::string(good) + '"');
    }
}

}  // namespace
}  // namespace arngate
