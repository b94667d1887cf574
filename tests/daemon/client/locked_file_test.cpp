#include "daemon/client/locked_file.hpp"

#include "tests/support/temp_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <string>

namespace arngate::client {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(LockedFile, IsMadeForWritingOnly) {
    const TempDirectory home;
    const auto none = LockedFile::open(home.file("f"), Lock::shared, 0ms);
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    const auto made = LockedFile::open(home.file("f"), Lock::exclusive, 0ms);
    ASSERT_TRUE(made && *made);
    EXPECT_EQ((*made)->read(0)->size(), 0U);
}

TEST(LockedFile, IsRewrittenWhole) {
    const TempDirectory home;
    const auto file = LockedFile::open(home.file("f"), Lock::exclusive, 0ms);
    for (const std::string content : {"a longer one", "short", ""}) {
        ASSERT_TRUE((*file)->rewrite(Secret(content)));
        EXPECT_EQ((*file)->read(100)->expose(), content);
        EXPECT_EQ(slurp(home.file("f")), content);
    }
}

TEST(LockedFile, IsReadUpToTheLimit) {
    const TempDirectory home;
    const auto file = LockedFile::open(home.file("f"), Lock::exclusive, 0ms);
    ASSERT_TRUE((*file)->rewrite(Secret("12345")));
    EXPECT_TRUE((*file)->read(5));
    EXPECT_THAT((*file)->read(4).error(), HasSubstr("larger"));
}

TEST(LockedFile, SharesReadersAndKeepsWritersOut) {
    const TempDirectory home;
    {
        ASSERT_TRUE(LockedFile::open(home.file("f"), Lock::exclusive, 0ms));
    }
    const auto one = LockedFile::open(home.file("f"), Lock::shared, 0ms);
    const auto two = LockedFile::open(home.file("f"), Lock::shared, 0ms);
    EXPECT_TRUE(one && *one && two && *two);
    EXPECT_THAT(LockedFile::open(home.file("f"), Lock::exclusive, 0ms).error(), HasSubstr("locked"));
}

TEST(LockedFile, RefusesWhatIsNoPrivateFile) {
    const TempDirectory home;
    EXPECT_FALSE(LockedFile::open(home.path(), Lock::shared, 0ms));
    ASSERT_EQ(::mkfifo(home.file("pipe").c_str(), 0600), 0);
    EXPECT_THAT(LockedFile::open(home.file("pipe"), Lock::shared, 0ms).error(), HasSubstr("regular"));
    std::ofstream(home.file("open")) << "x";
    ::chmod(home.file("open").c_str(), 0644);
    EXPECT_THAT(LockedFile::open(home.file("open"), Lock::shared, 0ms).error(), HasSubstr("0644"));
    EXPECT_FALSE(LockedFile::open(home.file("no/folder"), Lock::exclusive, 0ms));
}

}  // namespace
}  // namespace arngate::client
