#include "core/net/wiped_output.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate::net {
namespace {

TEST(WipedOutput, GivesBackWhatWasAppendedUntilItIsSent) {
    WipedOutput out;
    EXPECT_TRUE(out.unsent().empty());
    out.append("ab");
    out.append("cd");
    EXPECT_EQ(out.unsent(), "abcd");
    out.sent(3);
    EXPECT_EQ(out.unsent(), "d");
    out.append("e");
    EXPECT_EQ(out.unsent(), "de");
    out.sent(2);
    EXPECT_TRUE(out.unsent().empty());
}

TEST(WipedOutput, KeepsWhatIsUnsentWhenItGrows) {
    WipedOutput out;
    std::string expected;
    for (int i = 0; i < 100; ++i) {
        const std::string piece(1000, static_cast<char>('a' + i % 26));
        out.append(piece);
        out.sent(300);
        expected = expected.append(piece).substr(300);
        ASSERT_EQ(out.unsent(), expected);
    }
}

TEST(WipedOutput, WipesWhatIsSent) {
    WipedOutput out;
    out.append("secret, and the rest");
    const std::string_view before = out.unsent();
    out.sent(6);
    EXPECT_EQ(before, std::string(6, '\0').append(", and the rest"));
}

}  // namespace
}  // namespace arngate::net
