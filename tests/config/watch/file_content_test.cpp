#include "config/watch/file_content.hpp"

#include "tests/config/watch/file_changes.hpp"
#include "tests/support/temp_directory.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <string>

namespace arngate::watch {
namespace {

using testing::write_in_place;

FileError::Kind kind_of(const std::string& path, std::size_t max_bytes = 100) {
    const auto content = read_whole(path, max_bytes);
    EXPECT_FALSE(content) << path;
    return content ? FileError::Kind() : content.error().kind;
}

TEST(FileContent, ReadsFilesUpToTheLimit) {
    const TempDirectory directory;
    for (const std::size_t size : {0U, 1U, 99U, 100U}) {
        write_in_place(directory / "f", std::string(size, 'x'));
        const auto content = read_whole(directory.file("f"), 100);
        ASSERT_TRUE(content) << content.error().reason;
        EXPECT_EQ(content->text, std::string(size, 'x'));
        EXPECT_EQ(content->stamp, stamp_of(directory.file("f")));
    }
    write_in_place(directory / "f", std::string(101, 'x'));
    EXPECT_EQ(kind_of(directory.file("f")), FileError::Kind::too_large);
    const std::string large(3'000'000, 'y');
    write_in_place(directory / "f", large);
    EXPECT_EQ(read_whole(directory.file("f"), large.size())->text, large);
}

TEST(FileContent, ReadsFilesThatTellNoSize) {
    EXPECT_FALSE(read_whole("/proc/self/status", 1 << 20)->text.empty());
}

TEST(FileContent, RefusesWhatIsNoFile) {
    const TempDirectory directory;
    EXPECT_EQ(kind_of(directory.file("none")), FileError::Kind::missing);
    write_in_place(directory / "f", "");
    EXPECT_EQ(kind_of(directory.file("f/below")), FileError::Kind::missing);
    std::filesystem::create_directory(directory / "d");
    EXPECT_EQ(kind_of(directory.file("d")), FileError::Kind::unreadable);
    std::filesystem::create_symlink("loop", directory / "loop");
    EXPECT_EQ(kind_of(directory.file("loop")), FileError::Kind::unreadable);
    // A pipe that nobody writes to must not block.
    ASSERT_EQ(::mkfifo(directory.file("pipe").c_str(), 0600), 0);
    EXPECT_EQ(kind_of(directory.file("pipe")), FileError::Kind::unreadable);
    EXPECT_EQ(kind_of("/dev/null"), FileError::Kind::unreadable);
}

TEST(FileContent, TellsAReplacedFileFromOneWrittenInPlace) {
    const TempDirectory directory;
    write_in_place(directory / "f", "1");
    const auto first = stamp_of(directory.file("f"));
    write_in_place(directory / "f", "22");
    const auto second = stamp_of(directory.file("f"));
    testing::write_by_rename(directory / "f", "333");
    const auto third = stamp_of(directory.file("f"));
    ASSERT_TRUE(first && second && third);
    EXPECT_NE(*first, *second);
    EXPECT_TRUE(first->is_same_file(*second));
    EXPECT_FALSE(first->is_same_file(*third));
    EXPECT_FALSE(stamp_of(directory.file("none")));
}

}  // namespace
}  // namespace arngate::watch
