#include "daemon/pki/key_pair.hpp"

#include "tests/daemon/pki/file_mode.hpp"
#include "tests/support/temp_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace arngate::pki {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr WallTime frozen{std::chrono::seconds(1767323045)};

class KeyPairFiles : public testing::Test {
protected:
    [[nodiscard]] KeyPairRequest request() const {
        return {
            directory_.file("cert.pem"), directory_.file("key.pem"), KeyAlgorithm::ecdsa_p256, "127.0.0.1", "localhost"
        };
    }
    [[nodiscard]] std::string key() const { return slurp(directory_.file("key.pem")); }
    [[nodiscard]] std::string certificate() const { return slurp(directory_.file("cert.pem")); }

    TempDirectory directory_;
};

TEST_F(KeyPairFiles, AreMadeOnceAndThenKept) {
    const auto first = load_or_create_key_pair(request(), frozen);
    ASSERT_TRUE(first.has_value()) << first.error();
    EXPECT_EQ(first->origin, KeyPairOrigin::generated);
    EXPECT_EQ(first->certificate_pem, certificate());
    EXPECT_EQ(first->key_pem.expose(), key());
    EXPECT_EQ(first->not_after, frozen + std::chrono::days(36'500));

    const auto second = load_or_create_key_pair(request(), frozen + std::chrono::days(1));
    ASSERT_TRUE(second.has_value()) << second.error();
    EXPECT_EQ(second->origin, KeyPairOrigin::loaded);
    EXPECT_EQ(second->certificate_pem, first->certificate_pem);
    EXPECT_EQ(directory_.count(), 2U);
}

TEST_F(KeyPairFiles, AreLoadedWhateverNamesTheyHave) {
    ASSERT_TRUE(load_or_create_key_pair(request(), frozen).has_value());
    auto other = request();
    other.hostname = "elsewhere";
    other.algorithm = KeyAlgorithm::rsa_2048;
    const auto pair = load_or_create_key_pair(other, frozen);
    ASSERT_TRUE(pair.has_value());
    EXPECT_EQ(pair->origin, KeyPairOrigin::loaded);
}

TEST_F(KeyPairFiles, HaveTheModesThatKeepTheKeyPrivate) {
    const mode_t before = ::umask(0022);
    const auto pair = load_or_create_key_pair(request(), frozen);
    ::umask(before);
    ASSERT_TRUE(pair.has_value());
    EXPECT_EQ(mode_of(directory_.file("key.pem")), 0600U);
    EXPECT_EQ(mode_of(directory_.file("cert.pem")), 0644U);
}

TEST_F(KeyPairFiles, KeepTheKeyWhenOnlyTheCertificateIsMissing) {
    ASSERT_TRUE(load_or_create_key_pair(request(), frozen).has_value());
    const std::string before = key();
    std::filesystem::remove(directory_.file("cert.pem"));
    const auto pair = load_or_create_key_pair(request(), frozen);
    ASSERT_TRUE(pair.has_value()) << pair.error();
    EXPECT_EQ(pair->origin, KeyPairOrigin::new_certificate);
    EXPECT_EQ(key(), before);
}

TEST_F(KeyPairFiles, AreBothMadeAnewWhenTheKeyIsMissing) {
    ASSERT_TRUE(load_or_create_key_pair(request(), frozen).has_value());
    const std::string before = certificate();
    std::filesystem::remove(directory_.file("key.pem"));
    const auto pair = load_or_create_key_pair(request(), frozen);
    ASSERT_TRUE(pair.has_value()) << pair.error();
    EXPECT_EQ(pair->origin, KeyPairOrigin::generated);
    EXPECT_NE(certificate(), before);
}

TEST_F(KeyPairFiles, AreRefusedWhenTheyDoNotBelongTogether) {
    ASSERT_TRUE(load_or_create_key_pair(request(), frozen).has_value());
    const std::string other_key = private_key_pem(*generate_key(KeyAlgorithm::ecdsa_p256));
    std::ofstream(directory_.file("key.pem")) << other_key;
    const auto pair = load_or_create_key_pair(request(), frozen);
    ASSERT_FALSE(pair.has_value());
    EXPECT_THAT(pair.error(), AllOf(HasSubstr("cert.pem"), HasSubstr("key.pem"), HasSubstr("do not belong together")));
    EXPECT_EQ(key(), other_key);
}

TEST_F(KeyPairFiles, AreLeftAloneWhenTheyCannotBeRead) {
    std::ofstream(directory_.file("key.pem")) << "garbage";
    const auto pair = load_or_create_key_pair(request(), frozen);
    ASSERT_FALSE(pair.has_value());
    EXPECT_THAT(pair.error(), AllOf(HasSubstr("key.pem"), Not(HasSubstr("garbage"))));
    EXPECT_EQ(key(), "garbage");
    EXPECT_FALSE(std::filesystem::exists(directory_.file("cert.pem")));

    std::ofstream(directory_.file("cert.pem")) << "garbage";
    EXPECT_FALSE(load_or_create_key_pair(request(), frozen).has_value());
    EXPECT_EQ(certificate(), "garbage");
}

TEST_F(KeyPairFiles, NeedTheirDirectory) {
    auto missing = request();
    missing.certificate_file = directory_.file("nowhere/cert.pem");
    missing.key_file = directory_.file("nowhere/key.pem");
    const auto pair = load_or_create_key_pair(missing, frozen);
    ASSERT_FALSE(pair.has_value());
    EXPECT_THAT(pair.error(), AllOf(HasSubstr("nowhere"), HasSubstr("create it")));
    EXPECT_FALSE(std::filesystem::exists(directory_.file("nowhere")));
}

TEST_F(KeyPairFiles, SayWhoMayNotWrite) {
    if (::geteuid() == 0) {
        GTEST_SKIP() << "root may write everywhere";
    }
    std::filesystem::permissions(
        directory_.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec
    );
    const auto pair = load_or_create_key_pair(request(), frozen);
    std::filesystem::permissions(directory_.path(), std::filesystem::perms::owner_all);
    ASSERT_FALSE(pair.has_value());
    EXPECT_THAT(pair.error(), HasSubstr("needs write access"));
}

TEST_F(KeyPairFiles, AreNotMadeForANameThatNoCertificateCanHold) {
    auto bad = request();
    bad.hostname = "a b";
    EXPECT_FALSE(load_or_create_key_pair(bad, frozen).has_value());
    EXPECT_EQ(directory_.count(), 0U);
}

TEST_F(KeyPairFiles, AreTheSameForProcessesThatStartTogether) {
    constexpr int processes = 32;
    std::array<int, 2> gate{};
    ASSERT_EQ(::pipe(gate.data()), 0);
    std::vector<pid_t> children;
    for (int i = 0; i < processes; ++i) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            ::close(gate[1]);
            char byte = 0;
            static_cast<void>(::read(gate[0], &byte, 1));  // until the gate closes
            const auto pair = load_or_create_key_pair(request(), frozen);
            std::ofstream(directory_.file("seen." + std::to_string(i)))
                << (pair ? pair->certificate_pem + std::string(pair->key_pem.expose()) : pair.error());
            ::_exit(pair ? 0 : 1);
        }
        children.push_back(child);
    }
    ::close(gate[0]);
    ::close(gate[1]);
    for (const pid_t child : children) {
        int status = -1;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
    for (int i = 0; i < processes; ++i) {
        EXPECT_EQ(slurp(directory_.file("seen." + std::to_string(i))), certificate() + key());
    }
    EXPECT_EQ(directory_.count(), 2U + processes);
}

TEST(LeafCertificate, IsTheFirstOfAChain) {
    const PrivateKey key = generate_key(KeyAlgorithm::ecdsa_p256);
    const std::string first = self_signed_certificate(*key, {{"a"}, {}}, frozen);
    const std::string second = self_signed_certificate(*key, {{"b"}, {}}, frozen);
    EXPECT_EQ(leaf_certificate("comment\n" + first + second), first);
    EXPECT_EQ(leaf_certificate("nothing"), "");
}

}  // namespace
}  // namespace arngate::pki
