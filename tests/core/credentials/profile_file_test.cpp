#include "core/credentials/profile_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>

namespace arngate::credentials {
namespace {

std::string value(const ProfileFile& file, std::string_view profile, std::string_view property) {
    const Profile* found = file.find(profile);
    const Property* text = found == nullptr ? nullptr : found->find(property);
    return text == nullptr ? "(none)" : text->text;
}

struct ReadCase {
    const char* name;
    const char* text;
    FileKind kind;
    const char* profile;
    const char* property;
    const char* expected;
};
void PrintTo(const ReadCase& c, std::ostream* out) {
    *out << c.name;
}

class ProfileFileReads : public testing::TestWithParam<ReadCase> {};

TEST_P(ProfileFileReads, GivesWhatTheSdksGive) {
    const auto& c = GetParam();
    const auto file = ProfileFile::parse(c.text, "f", c.kind);
    ASSERT_TRUE(file.has_value()) << file.error();
    EXPECT_EQ(value(*file, c.profile, c.property), c.expected);
}

constexpr auto config = FileKind::config;
constexpr auto keys = FileKind::credentials;

INSTANTIATE_TEST_SUITE_P(
    Dialect,
    ProfileFileReads,
    testing::Values(
        ReadCase{"plain", "[a]\nregion = x\n", keys, "a", "region", "x"},
        ReadCase{"no blanks", "[a]\nregion=x", keys, "a", "region", "x"},
        ReadCase{"property names fold", "[a]\nREGION = x\n", keys, "a", "region", "x"},
        ReadCase{"profile names do not fold", "[A]\nregion = x\n", keys, "a", "region", "(none)"},
        ReadCase{"profile keyword in config", "[profile a]\nregion = x\n", config, "a", "region", "x"},
        ReadCase{"keyword and tab", "[profile\ta]\nregion = x\n", config, "a", "region", "x"},
        ReadCase{"quoted profile name", "[profile \"a b\"]\nregion = x\n", config, "a b", "region", "x"},
        ReadCase{"config wants the keyword", "[a]\nregion = x\n", config, "a", "region", "(none)"},
        ReadCase{"the keyword belongs to the name", "[profile a]\nregion = x\n", keys, "profile a", "region", "x"},
        ReadCase{"default without keyword", "[default]\nregion = x\n", config, "default", "region", "x"},
        ReadCase{
            "profile default wins",
            "[profile default]\nregion=y\n[default]\nregion=x\n",
            config,
            "default",
            "region",
            "y"
        },
        ReadCase{
            "profile default wins later",
            "[default]\nregion=x\n[profile default]\nregion=y\n",
            config,
            "default",
            "region",
            "y"
        },
        ReadCase{
            "profile default hides all",
            "[default]\noutput=x\n[profile default]\nregion=y\n",
            config,
            "default",
            "output",
            "(none)"
        },
        ReadCase{"sso-session is no profile", "[sso-session a]\nregion = x\n", config, "a", "region", "(none)"},
        ReadCase{"whole-line comments", "# c\n; c\n[a]\n  # c\nregion = x\n", keys, "a", "region", "x"},
        ReadCase{"comment in a line", "[a]\nregion = x # c\n", keys, "a", "region", "x"},
        ReadCase{"semicolon in a line", "[a]\nregion = x\t; c\n", keys, "a", "region", "x"},
        ReadCase{"no blank, no comment", "[a]\nkey = x#y;z\n", keys, "a", "key", "x#y;z"},
        ReadCase{"comment behind a header", "[a] # c\nregion = x\n", keys, "a", "region", "x"},
        ReadCase{"equals in a value", "[a]\nkey = x=y==\n", keys, "a", "key", "x=y=="},
        ReadCase{"quotes", "[a]\nkey = \"x\"\n", keys, "a", "key", "x"},
        ReadCase{"a later property wins", "[a]\nk=1\nk=2\n", keys, "a", "k", "2"},
        ReadCase{"a repeated section goes on", "[a]\nk=1\n[b]\n[a]\nl=2\n", keys, "a", "k", "1"},
        ReadCase{"empty is none", "[a]\nk =\n", keys, "a", "k", "(none)"},
        ReadCase{"nested stays inside", "[a]\ns3 =\n  region = y\nregion = x\n", keys, "a", "region", "x"},
        ReadCase{"CRLF", "[a]\r\nregion = x\r\n", keys, "a", "region", "x"},
        ReadCase{"byte order mark", "\xEF\xBB\xBF[a]\nregion = x\n", keys, "a", "region", "x"}
    )
);

struct RefuseCase {
    const char* text;
    const char* error;
};

TEST(ProfileFile, NamesFileAndLineOfWhatItRefuses) {
    for (const auto& [text, error] : {
             RefuseCase{"k = v\n", "f:1: a line before the first [section]"},
             RefuseCase{"[a]\n\nSECRETVALUE\n", "f:3: neither a [section] nor NAME = VALUE"},
             RefuseCase{"[a]\n= SECRETVALUE\n", "f:2: neither a [section] nor NAME = VALUE"},
             RefuseCase{"[a\nk = v\n", "f:1: a section header must look like [NAME] or [profile NAME]"},
             RefuseCase{"[]\n", "f:1: a section header must look like [NAME] or [profile NAME]"},
             RefuseCase{"[a] b\n", "f:1: a section header must look like [NAME] or [profile NAME]"},
         }) {
        const auto file = ProfileFile::parse(text, "f", FileKind::credentials);
        ASSERT_FALSE(file.has_value()) << text;
        EXPECT_EQ(file.error(), error);
    }
}

class ProfileFileOnDisk : public testing::Test {
protected:
    ProfileFileOnDisk()
        : path_(
              testing::TempDir() + "arngate-profile-" + testing::UnitTest::GetInstance()->current_test_info()->name()
          ) {}
    ~ProfileFileOnDisk() override { std::filesystem::remove(path_); }
    void write(std::size_t size) const {
        std::string text = "[a]\nk = v\n";
        text.resize(size, '\n');
        std::ofstream(path_, std::ios::binary) << text;
    }
    std::string path_;
};

TEST_F(ProfileFileOnDisk, IsEmptyWhenItIsNotThere) {
    const auto file = ProfileFile::load(path_, FileKind::config);
    ASSERT_TRUE(file.has_value());
    EXPECT_FALSE(file->exists());
    EXPECT_EQ(file->find("default"), nullptr);
}

TEST_F(ProfileFileOnDisk, IsReadUpToItsLimit) {
    write(max_profile_file_bytes);
    const auto file = ProfileFile::load(path_, FileKind::credentials);
    ASSERT_TRUE(file.has_value()) << file.error();
    EXPECT_EQ(value(*file, "a", "k"), "v");
}

TEST_F(ProfileFileOnDisk, IsRefusedOneByteAboveItsLimit) {
    write(max_profile_file_bytes + 1);
    EXPECT_FALSE(ProfileFile::load(path_, FileKind::credentials).has_value());
}

TEST_F(ProfileFileOnDisk, IsRefusedWhenItIsADirectory) {
    std::filesystem::create_directory(path_);
    EXPECT_FALSE(ProfileFile::load(path_, FileKind::credentials).has_value());
}

}  // namespace
}  // namespace arngate::credentials
