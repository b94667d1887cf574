#include "core/base/json_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate {
namespace {

TEST(JsonText, LeavesPlainTextAlone) {
    EXPECT_EQ(json_string(""), "\"\"");
    EXPECT_EQ(json_string("arn:aws:iam::1:role/a+b=c,.@-_/'\x7f"), "\"arn:aws:iam::1:role/a+b=c,.@-_/'\x7f\"");
    EXPECT_EQ(json_string("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
}

TEST(JsonText, EscapesAsGoDoes) {
    EXPECT_EQ(json_string("\"\\/<>&"), R"("\"\\/\u003c\u003e\u0026")");
    EXPECT_EQ(json_string("\b\f\n\r\t"), R"("\b\f\n\r\t")");
    EXPECT_EQ(json_string(std::string_view("\0\x01\x1f", 3)), R"("\u0000\u0001\u001f")");
    EXPECT_EQ(json_string("a\xe2\x80\xa8\x62\xe2\x80\xa9"), R"("a\u2028b\u2029")");
}

TEST(JsonText, ReplacesWhatIsNotUtf8) {
    for (const std::string_view bad : {"\x80", "\xbf", "\xc0", "\xc1", "\xf5", "\xff", "\xc3", "\xf4"}) {
        EXPECT_EQ(json_string(bad), R"("\ufffd")");
    }
    EXPECT_EQ(json_string("\xc0\x80"), R"("\ufffd\ufffd")") << "overlong";
    EXPECT_EQ(json_string("\xe0\x9f\xbf"), R"("\ufffd\ufffd\ufffd")") << "overlong";
    EXPECT_EQ(json_string("\xf0\x8f\xbf\xbf"), R"("\ufffd\ufffd\ufffd\ufffd")") << "overlong";
    EXPECT_EQ(json_string("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")") << "surrogate";
    EXPECT_EQ(json_string("\xf4\x90\x80\x80"), R"("\ufffd\ufffd\ufffd\ufffd")") << "beyond U+10FFFF";
    EXPECT_EQ(
        json_string("\xe2\x82"
                    "a"),
        R"("\ufffd\ufffda")"
    ) << "cut short";
}

TEST(JsonText, KeepsTheEdgesOfUtf8) {
    for (const std::string_view good :
         {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"
         }) {
        EXPECT_EQ(json_string(good), '"' + std::string(good) + '"');
    }
}

}  // namespace
}  // namespace arngate
