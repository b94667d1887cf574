#include "core/credentials/command_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace arngate::credentials {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SplitCommand, SplitsAsAShellDoesAndNoMore) {
    EXPECT_THAT(split_command("").value(), IsEmpty());
    EXPECT_THAT(split_command(" \t\r\n").value(), IsEmpty());
    EXPECT_THAT(split_command(" a  b\tc\n").value(), ElementsAre("a", "b", "c"));
    EXPECT_THAT(split_command(R"("a b"'c d'e)").value(), ElementsAre("a bc de"));
    EXPECT_THAT(split_command(R"('' "" x)").value(), ElementsAre("", "", "x"));
    EXPECT_THAT(split_command(R"(a\ b \\ \")").value(), ElementsAre("a b", "\\", "\""));
    EXPECT_THAT(split_command(R"("\a \" \\ \$")").value(), ElementsAre(R"(\a " \ \$)"));
    EXPECT_THAT(split_command(R"('\a " \\')").value(), ElementsAre(R"(\a " \\)"));
    EXPECT_THAT(split_command("a;b|c $X `y` *#z").value(), ElementsAre("a;b|c", "$X", "`y`", "*#z"));
}

TEST(SplitCommand, RefusesWhatNothingEnds) {
    for (const char* wrong : {"'a", "\"a", "a\\", "\"a\\\""}) {
        EXPECT_FALSE(split_command(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace arngate::credentials
