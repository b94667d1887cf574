#include "daemon/pki/atomic_file.hpp"

#include "tests/daemon/pki/as_nobody.hpp"
#include "tests/daemon/pki/file_mode.hpp"
#include "tests/support/own_mounts.hpp"
#include "tests/support/temp_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

namespace arngate::pki {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* no_mounts = "mounts of its own are not permitted to this process";
constexpr gid_t foreign_group = 54321;

ino_t inode_of(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

class ReplaceFile : public testing::Test {
protected:
    [[nodiscard]] std::string error_of(OutOfReach out_of_reach, std::string_view content = "new") const {
        const auto written = replace_file(file_, content, 0666, out_of_reach);
        return written ? std::string() : written.error();
    }

    TempDirectory directory_;
    std::string file_ = directory_.file("f");
};

TEST_F(ReplaceFile, LeavesSymbolicLinksThatLeadToTheFile) {
    std::filesystem::create_directory(directory_.file("far"));
    std::filesystem::create_symlink("far/link", file_);
    std::filesystem::create_symlink("real", directory_.file("far/link"));
    for (const char* content : {"first", "second"}) {  // while the last link leads nowhere, and then to a file
        EXPECT_EQ(error_of(OutOfReach::refuse, content), "");
        EXPECT_TRUE(std::filesystem::is_symlink(file_));
        EXPECT_TRUE(std::filesystem::is_symlink(directory_.file("far/link")));
        EXPECT_EQ(directory_.read("far/real"), content);
    }
    std::filesystem::create_symlink(file_, directory_.file("absolute"));
    EXPECT_TRUE(replace_file(directory_.file("absolute"), "third", 0600, OutOfReach::refuse));
    EXPECT_EQ(directory_.read("far/real"), "third");
}

TEST_F(ReplaceFile, RefusesLinksThatLeadInACircle) {
    std::filesystem::create_symlink("f", file_);
    EXPECT_THAT(error_of(OutOfReach::write_in_place), HasSubstr("cannot write " + file_));
    EXPECT_TRUE(std::filesystem::is_symlink(file_));
}

TEST_F(ReplaceFile, KeepsTheModeWhateverTheUmask) {
    const mode_t before = ::umask(0027);
    EXPECT_EQ(error_of(OutOfReach::refuse), "");
    EXPECT_EQ(mode_of(file_), 0640U);
    ::chmod(file_.c_str(), 0664);
    EXPECT_EQ(error_of(OutOfReach::refuse, "newer"), "");
    ::umask(before);
    EXPECT_EQ(mode_of(file_), 0664U);
    EXPECT_EQ(directory_.read("f"), "newer");
    EXPECT_EQ(directory_.count(), 1U);
}

TEST_F(ReplaceFile, KeepsOwnerAndGroupWhereItMayGiveThem) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << no_root;
    }
    directory_.write("f", "old");
    ASSERT_EQ(::chown(file_.c_str(), nobody, foreign_group), 0);
    EXPECT_EQ(error_of(OutOfReach::refuse), "");
    EXPECT_EQ(owner_of(file_), (Owner{nobody, foreign_group}));
    EXPECT_EQ(directory_.read("f"), "new");
}

TEST_F(ReplaceFile, LetsNobodyDoMoreWhereItMayNotGiveTheGroup) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << no_root;
    }
    struct Case {
        mode_t before;
        unsigned after;
    };
    ASSERT_EQ(::chown(directory_.path().c_str(), nobody, nobody), 0);
    for (const Case& c :
         {Case{0660, 0600}, Case{0664, 0644}, Case{0640, 0600}, Case{0604, 0600}, Case{0646, 0644}, Case{0600, 0600}}) {
        directory_.write("f", "old");
        ASSERT_EQ(::chown(file_.c_str(), nobody, foreign_group), 0);
        ASSERT_EQ(::chmod(file_.c_str(), c.before), 0);
        {
            const AsNobody rights;
            EXPECT_EQ(error_of(OutOfReach::refuse), "");
        }
        EXPECT_EQ(owner_of(file_), (Owner{nobody, nobody}));
        EXPECT_EQ(mode_of(file_), c.after) << std::oct << c.before;
        EXPECT_EQ(directory_.read("f"), "new");
        std::filesystem::remove(file_);
    }
}

TEST_F(ReplaceFile, KeepsTheGroupOfAFileOfAnotherUser) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << no_root;
    }
    ASSERT_EQ(::chown(directory_.path().c_str(), nobody, nobody), 0);
    directory_.write("f", "old");
    ASSERT_EQ(::chown(file_.c_str(), 0, nobody), 0);
    ASSERT_EQ(::chmod(file_.c_str(), 0640), 0);
    {
        const AsNobody rights;
        EXPECT_EQ(error_of(OutOfReach::refuse), "");
    }
    EXPECT_EQ(owner_of(file_), (Owner{nobody, nobody}));
    EXPECT_EQ(mode_of(file_), 0640U);
}

TEST_F(ReplaceFile, WritesAMountOfItsOwnInPlaceOnlyWhenToldTo) {
    directory_.write("f", "what was there before, and longer");
    const std::string mounted = directory_.write("mounted", "what was there before, and longer");
    const bool permitted = with_own_mounts([&] {
        ASSERT_TRUE(mount_over(file_, mounted));
        EXPECT_THAT(
            error_of(OutOfReach::refuse),
            AllOf(HasSubstr("cannot replace " + file_), HasSubstr("mount its directory " + directory_.path()))
        );
        EXPECT_EQ(directory_.read("f"), "what was there before, and longer");
        EXPECT_EQ(error_of(OutOfReach::write_in_place), "");
        EXPECT_EQ(directory_.read("f"), "new");
        EXPECT_EQ(inode_of(file_), inode_of(mounted));
        ASSERT_TRUE(make_read_only(file_));
        EXPECT_THAT(error_of(OutOfReach::write_in_place, "newer"), HasSubstr("mount its directory"));
    });
    if (!permitted) {
        GTEST_SKIP() << no_mounts;
    }
    EXPECT_EQ(slurp(mounted), "new");
    EXPECT_EQ(directory_.count(), 2U);
}

TEST_F(ReplaceFile, WritesInPlaceInADirectoryThatIsReadOnly) {
    std::filesystem::create_directory(directory_.file("d"));
    file_ = directory_.write("d/f", "old");
    const std::string mounted = directory_.write("mounted", "old");
    const bool permitted = with_own_mounts([&] {
        ASSERT_TRUE(mount_over(directory_.file("d"), directory_.file("d")));
        ASSERT_TRUE(mount_over(file_, mounted));
        ASSERT_TRUE(make_read_only(directory_.file("d")));
        EXPECT_THAT(error_of(OutOfReach::refuse), HasSubstr("needs write access to the directory"));
        EXPECT_EQ(error_of(OutOfReach::write_in_place), "");
        EXPECT_THAT(
            replace_file(directory_.file("d/none"), "x", 0600, OutOfReach::write_in_place).error(),
            HasSubstr("needs write access to the directory")
        );
    });
    if (!permitted) {
        GTEST_SKIP() << no_mounts;
    }
    EXPECT_EQ(slurp(mounted), "new");
}

TEST_F(ReplaceFile, WritesInPlaceWhereTheFileMayBeWrittenAndTheDirectoryNot) {
    directory_.write("f", "old");
    ASSERT_EQ(::chmod(file_.c_str(), 0666), 0);
    ASSERT_EQ(::chmod(directory_.path().c_str(), 0555), 0);
    const ino_t inode = inode_of(file_);
    const auto check = [&] {
        EXPECT_THAT(error_of(OutOfReach::refuse), HasSubstr("needs write access to the directory"));
        EXPECT_EQ(error_of(OutOfReach::write_in_place), "");
    };
    if (::geteuid() == 0) {
        const AsNobody rights;
        check();
    } else {
        check();
    }
    ASSERT_EQ(::chmod(directory_.path().c_str(), 0700), 0);
    EXPECT_EQ(directory_.read("f"), "new");
    EXPECT_EQ(inode_of(file_), inode);
    EXPECT_EQ(mode_of(file_), 0666U);
}

TEST_F(ReplaceFile, NeverReplacesWhatIsNoRegularFile) {
    ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
    EXPECT_THAT(error_of(OutOfReach::refuse), HasSubstr("not a regular file"));
    const int reader = ::open(file_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ASSERT_GE(reader, 0);
    EXPECT_EQ(error_of(OutOfReach::write_in_place), "");
    std::array<char, 8> got{};
    EXPECT_EQ(::read(reader, got.data(), got.size()), 3);
    EXPECT_EQ(std::string(got.data()), "new");
    ::close(reader);
    EXPECT_TRUE(std::filesystem::is_fifo(file_));
    EXPECT_EQ(directory_.count(), 1U);
}

TEST(WriteFile, SaysWhatToDoAboutAKeyThatIsAMountOfItsOwn) {
    const TempDirectory directory;
    const std::string key = directory.write("key.pem", "old key");
    const std::string mounted = directory.write("mounted", "old key");
    const bool permitted = with_own_mounts([&] {
        ASSERT_TRUE(mount_over(key, mounted));
        const auto written = write_file(key, "new key", 0600, Existing::replace);
        ASSERT_FALSE(written.has_value());
        EXPECT_THAT(written.error(), HasSubstr("mount its directory " + directory.path() + " instead"));
    });
    if (!permitted) {
        GTEST_SKIP() << no_mounts;
    }
    EXPECT_EQ(slurp(mounted), "old key");
    EXPECT_EQ(directory.count(), 2U);
}

}  // namespace
}  // namespace arngate::pki
