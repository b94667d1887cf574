#include "daemon/mapping_copies.hpp"

#include "tests/support/temp_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace arngate {
namespace {

using testing::HasSubstr;

class Copies : public testing::Test {
protected:
    void save(const std::string& place = "c/CRD") const {
        mapping::SourceRules rules;
        rules.source = "CRD";
        rules.accounts = {"111122223333"};
        const auto saved = copies_.save("CRD", place, rules, WallTime(std::chrono::hours(5)));
        ASSERT_TRUE(saved.has_value()) << saved.error();
    }
    [[nodiscard]] std::string path() const { return directory_.path() + "/mapping-CRD.copy"; }

    TempDirectory directory_;
    MappingCopies copies_{directory_.path()};
};

TEST_F(Copies, AreNoneAtFirst) {
    const auto none = copies_.load("CRD", "c/CRD");
    ASSERT_TRUE(none.has_value());
    EXPECT_FALSE(none->has_value());
}

TEST_F(Copies, ComeBackAndAreTheOwnersAlone) {
    save();
    struct stat status{};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    const auto copy = copies_.load("CRD", "c/CRD");
    ASSERT_TRUE(copy.has_value()) << copy.error();
    ASSERT_TRUE(copy->has_value());
    EXPECT_EQ((*copy)->rules.accounts.front(), "111122223333");
    EXPECT_EQ((*copy)->read_at, WallTime(std::chrono::hours(5)));
    save();
}

TEST_F(Copies, OfAnotherPlaceOrSourceAreRefused) {
    save();
    EXPECT_THAT(copies_.load("CRD", "d/CRD").error(), HasSubstr("another cluster"));
    std::filesystem::rename(path(), directory_.path() + "/mapping-EKSConfigMap.copy");
    EXPECT_THAT(copies_.load("EKSConfigMap", "c/CRD").error(), HasSubstr("another cluster"));
}

TEST_F(Copies, ThatAreDamagedAreRefused) {
    save();
    std::string bytes = directory_.read("mapping-CRD.copy");
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    directory_.write("mapping-CRD.copy", bytes);
    EXPECT_THAT(copies_.load("CRD", "c/CRD").error(), HasSubstr("checksum"));
    directory_.write("mapping-CRD.copy", "");
    EXPECT_FALSE(copies_.load("CRD", "c/CRD").has_value());
}

TEST_F(Copies, ThatOthersMayWriteAreRefused) {
    for (const mode_t mode : {0620U, 0602U}) {
        save();
        ASSERT_EQ(::chmod(path().c_str(), mode), 0);
        EXPECT_THAT(copies_.load("CRD", "c/CRD").error(), HasSubstr("others own it or may write it"));
    }
}

TEST_F(Copies, ThatAreNoFilesAreRefused) {
    std::filesystem::create_directory(path());
    EXPECT_THAT(copies_.load("CRD", "c/CRD").error(), HasSubstr("no file"));
    std::filesystem::remove(path());
    save();
    std::filesystem::rename(path(), directory_.path() + "/elsewhere");
    std::filesystem::create_symlink(directory_.path() + "/elsewhere", path());
    EXPECT_FALSE(copies_.load("CRD", "c/CRD").has_value());
    std::filesystem::remove(path());
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
    EXPECT_THAT(copies_.load("CRD", "c/CRD").error(), HasSubstr("no file"));
}

TEST_F(Copies, FailWithoutADirectory) {
    const MappingCopies nowhere(directory_.path() + "/none");
    EXPECT_THAT(nowhere.save("CRD", "c", {}, {}).error(), HasSubstr("create the directory"));
}

}  // namespace
}  // namespace arngate
