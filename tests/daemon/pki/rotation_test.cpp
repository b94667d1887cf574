#include "daemon/pki/rotation.hpp"

#include "daemon/pki/atomic_file.hpp"
#include "daemon/pki/pem.hpp"
#include "tests/daemon/pki/as_nobody.hpp"
#include "tests/daemon/pki/file_mode.hpp"
#include "tests/support/own_mounts.hpp"
#include "tests/support/temp_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace arngate::pki {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr WallTime frozen{std::chrono::seconds(1767323045)};

struct StoreDeleter {
    void operator()(X509_STORE* store) const noexcept { X509_STORE_free(store); }
    void operator()(X509_STORE_CTX* context) const noexcept { X509_STORE_CTX_free(context); }
};

/// Whether a client that has these CA certificates takes this chain, at `frozen`, for localhost.
bool trusts(const std::string& anchors, const std::string& chain_pem) {
    const std::unique_ptr<X509_STORE, StoreDeleter> store(X509_STORE_new());
    for (const Certificate& anchor : parse_certificates(anchors)) {
        X509_STORE_add_cert(store.get(), anchor.get());
    }
    const std::vector<Certificate> chain = parse_certificates(chain_pem);
    STACK_OF(X509)* others = sk_X509_new_null();
    for (const Certificate& certificate : chain) {
        sk_X509_push(others, certificate.get());
    }
    const std::unique_ptr<X509_STORE_CTX, StoreDeleter> context(X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), others);
    X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(rules, std::chrono::system_clock::to_time_t(frozen));
    X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set1_host(rules, "localhost", 0);
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_X509_STRICT);
    const bool good = X509_verify_cert(context.get()) == 1;
    sk_X509_free(others);
    return good;
}

class Rotation : public testing::TestWithParam<KeyAlgorithm> {
protected:
    void SetUp() override {
        auto made = load_or_create_key_pair(request(), frozen);
        ASSERT_TRUE(made.has_value()) << made.error();
        first_ = std::move(*made);
    }
    [[nodiscard]] KeyPairRequest request() const {
        return {directory_.file("cert.pem"), directory_.file("key.pem"), GetParam(), "127.0.0.1", "localhost"};
    }
    [[nodiscard]] RotationFiles files() const {
        return rotation_files(directory_.file("cert.pem"), directory_.file("key.pem"));
    }
    [[nodiscard]] KeyPair rotated() const {
        auto pair = rotate(request(), frozen);
        EXPECT_TRUE(pair.has_value()) << pair.error();
        return std::move(*pair);
    }
    [[nodiscard]] KeyPair finished() const {
        auto pair = finish_rotation(request());
        EXPECT_TRUE(pair.has_value()) << pair.error();
        return std::move(*pair);
    }

    TempDirectory directory_;
    KeyPair first_;
};

TEST_P(Rotation, IsTrustedByThoseWhoKnowTheOldCertificateAlone) {
    const std::string old_anchors = trust_anchors(files(), first_);
    const KeyPair second = rotated();
    EXPECT_NE(second.key_pem.expose(), first_.key_pem.expose());
    EXPECT_TRUE(trusts(old_anchors, second.certificate_pem));
    EXPECT_TRUE(trusts(trust_anchors(files(), second), second.certificate_pem));
    EXPECT_FALSE(trusts(leaf_certificate(second.certificate_pem), first_.certificate_pem));
}

TEST_P(Rotation, OffersBothCertificatesUntilItIsFinished) {
    const KeyPair second = rotated();
    const std::string anchors = trust_anchors(files(), second);
    EXPECT_EQ(parse_certificates(anchors).size(), 2U);
    EXPECT_TRUE(trusts(anchors, first_.certificate_pem));

    const KeyPair third = finished();
    EXPECT_EQ(third.key_pem.expose(), second.key_pem.expose());
    EXPECT_FALSE(is_rotating(files()));
    EXPECT_TRUE(trusts(anchors, third.certificate_pem));
    EXPECT_EQ(trust_anchors(files(), third), third.certificate_pem);
    EXPECT_FALSE(trusts(first_.certificate_pem, third.certificate_pem));
}

TEST_P(Rotation, MayBeDoneAgainBeforeItIsFinished) {
    const std::string old_anchors = trust_anchors(files(), first_);
    const std::string second_anchors = trust_anchors(files(), rotated());
    const KeyPair third = rotated();
    EXPECT_TRUE(trusts(old_anchors, third.certificate_pem));
    EXPECT_TRUE(trusts(second_anchors, third.certificate_pem));
    EXPECT_EQ(parse_certificates(trust_anchors(files(), third)).size(), 3U);

    const KeyPair last = finished();
    EXPECT_FALSE(trusts(second_anchors, last.certificate_pem));
}

TEST_P(Rotation, EndsBeforeChainsGrowLong) {
    for (std::size_t i = 0; i < max_chain; ++i) {
        static_cast<void>(rotated());
    }
    const auto refused = rotate(request(), frozen);
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error(), HasSubstr("--finish"));
    static_cast<void>(finished());
    static_cast<void>(rotated());
}

TEST_P(Rotation, KeepsModesAndLeavesNoOtherFile) {
    static_cast<void>(rotated());
    EXPECT_EQ(mode_of(directory_.file("key.pem")), 0600U);
    EXPECT_EQ(directory_.count(), 3U);
    static_cast<void>(finished());
    EXPECT_EQ(directory_.count(), 2U);
}

TEST_P(Rotation, IsCompletedAfterACrashBehindTheKey) {
    const std::string old_certificate = slurp(files().certificate);
    const KeyPair second = rotated();
    // As a crash leaves it: the key is new, the chain still under its other name.
    std::filesystem::rename(files().certificate, files().staged);
    std::ofstream(files().certificate) << old_certificate;

    const auto started = load_or_create_key_pair(request(), frozen);
    ASSERT_TRUE(started.has_value()) << started.error();
    EXPECT_EQ(started->certificate_pem, second.certificate_pem);
    EXPECT_FALSE(std::filesystem::exists(files().staged));
}

TEST_P(Rotation, IsCompletedWhereTheOldCertificateIsGone) {
    const KeyPair second = rotated();
    std::filesystem::rename(files().certificate, files().staged);

    const auto started = load_or_create_key_pair(request(), frozen);
    ASSERT_TRUE(started.has_value()) << started.error();
    EXPECT_EQ(started->certificate_pem, second.certificate_pem);
    EXPECT_EQ(started->origin, KeyPairOrigin::loaded);
}

TEST_P(Rotation, IsDroppedAfterACrashBeforeTheKey) {
    const TempDirectory other;
    auto elsewhere = request();
    elsewhere.certificate_file = other.file("cert.pem");
    elsewhere.key_file = other.file("key.pem");
    ASSERT_TRUE(load_or_create_key_pair(elsewhere, frozen).has_value());
    std::filesystem::copy_file(other.file("cert.pem"), files().staged);

    const auto started = load_or_create_key_pair(request(), frozen);
    ASSERT_TRUE(started.has_value()) << started.error();
    EXPECT_EQ(started->certificate_pem, first_.certificate_pem);
    EXPECT_FALSE(std::filesystem::exists(files().staged));
}

TEST_P(Rotation, StaysToBeCompletedWhileItsFilesCannotBeRead) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << no_root;
    }
    const KeyPair second = rotated();
    ASSERT_EQ(::chown(directory_.path().c_str(), nobody, nobody), 0);
    for (const std::string& unreadable : {files().key, files().staged}) {
        std::filesystem::rename(files().certificate, files().staged);
        std::ofstream(files().certificate) << first_.certificate_pem;
        ASSERT_EQ(::chown(files().key.c_str(), nobody, nobody), 0);
        ASSERT_EQ(::chown(unreadable.c_str(), 0, 0), 0);
        ASSERT_EQ(::chmod(unreadable.c_str(), 0600), 0);
        {
            const AsNobody rights;
            const auto started = load_or_create_key_pair(request(), frozen);
            ASSERT_FALSE(started.has_value());
            EXPECT_THAT(started.error(), HasSubstr("cannot read " + unreadable));
        }
        const auto completed = load_or_create_key_pair(request(), frozen);
        ASSERT_TRUE(completed.has_value()) << completed.error();
        EXPECT_EQ(completed->certificate_pem, second.certificate_pem);
    }
}

TEST_P(Rotation, IsRefusedWhereAFileOfThePairIsAMountOfItsOwn) {
    for (const std::string& mounted : {files().certificate, files().key}) {
        const std::string with = directory_.write("with", slurp(mounted));
        const bool permitted = with_own_mounts([&] {
            ASSERT_TRUE(mount_over(mounted, with));
            const auto refused = rotate(request(), frozen);
            ASSERT_FALSE(refused.has_value());
            EXPECT_THAT(
                refused.error(),
                AllOf(HasSubstr("cannot replace " + mounted), HasSubstr("mount its directory " + directory_.path()))
            );
        });
        if (!permitted) {
            GTEST_SKIP() << "mounts of its own are not permitted to this process";
        }
        EXPECT_EQ(directory_.count(), 3U) << "nothing was written";
        const auto still = load_key_pair(files().certificate, files().key);
        ASSERT_TRUE(still.has_value()) << still.error();
        EXPECT_EQ(still->certificate_pem, first_.certificate_pem);
    }
}

TEST_P(Rotation, IsDoneInADirectoryThatIsAMount) {
    const bool permitted = with_own_mounts([&] {
        ASSERT_TRUE(mount_over(directory_.path(), directory_.path()));
        static_cast<void>(rotated());
        static_cast<void>(finished());
    });
    if (!permitted) {
        GTEST_SKIP() << "mounts of its own are not permitted to this process";
    }
}

TEST_P(Rotation, FinishesNothingThatHasNotBegun) {
    const auto refused = finish_rotation(request());
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error(), HasSubstr("there is no rotation to finish"));
}

TEST_P(Rotation, NeedsAPair) {
    std::filesystem::remove(files().key);
    EXPECT_FALSE(rotate(request(), frozen).has_value());
    EXPECT_FALSE(is_rotating(files()));
}

TEST_P(Rotation, DoesNotFinishWithRootsOfAnotherKey) {
    static_cast<void>(rotated());
    std::ofstream(files().roots) << first_.certificate_pem;
    const auto refused = finish_rotation(request());
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error(), HasSubstr("does not belong to"));
}

TEST_P(Rotation, OffersThePairItselfWhereTheRootsAreDamaged) {
    const KeyPair second = rotated();
    std::ofstream(files().roots) << "nothing";
    EXPECT_EQ(trust_anchors(files(), second), leaf_certificate(second.certificate_pem));
}

INSTANTIATE_TEST_SUITE_P(
    Keys,
    Rotation,
    testing::Values(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_2048),
    [](const auto& algorithm) { return algorithm.param == KeyAlgorithm::rsa_2048 ? "Rsa" : "Ecdsa"; }
);

}  // namespace
}  // namespace arngate::pki
