#include "core/credentials/secret_file.hpp"

#include "tests/support/temp_directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace arngate::credentials {
namespace {

class SecretFile : public testing::Test {
protected:
    const TempDirectory directory_;
    const std::string folder_ = directory_.path();
    const std::string file_ = directory_.file("file");
};

TEST_F(SecretFile, IsReadUpToItsLimit) {
    std::ofstream(file_) << "12345";
    EXPECT_EQ(read_secret_file(file_, 5).value().expose(), "12345");
    EXPECT_EQ(read_secret_file(file_, 4).error(), "larger than 4 bytes");
}

TEST_F(SecretFile, IsARegularFile) {
    EXPECT_FALSE(read_secret_file(file_, 5));
    EXPECT_EQ(read_secret_file(folder_, 5).error(), "not a regular file");
    ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
    EXPECT_EQ(read_secret_file(file_, 5).error(), "not a regular file");
}

TEST_F(SecretFile, IsReplacedAsAWholeAndOursAlone) {
    std::ofstream(file_) << "old";
    ::chmod(file_.c_str(), 0644);
    ASSERT_TRUE(replace_secret_file(file_, Secret("new")));
    EXPECT_EQ(read_secret_file(file_, 5).value().expose(), "new");
    struct stat status{};
    ASSERT_EQ(::stat(file_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_FALSE(replace_secret_file(folder_ + "/nowhere/file", Secret("new")));
    const auto entries = std::filesystem::directory_iterator(folder_);
    EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

}  // namespace
}  // namespace arngate::credentials
