#include "daemon/certificate_watch.hpp"

#include "daemon/pki/key_pair.hpp"
#include "daemon/pki/rotation.hpp"
#include "tests/support/no_descriptors.hpp"
#include "tests/support/temp_directory.hpp"

#include <boost/asio/io_context.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <chrono>
#include <expected>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace arngate {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr WallTime frozen{std::chrono::seconds(1767323045)};

class Certificate : public testing::Test {
protected:
    void SetUp() override {
        request_.certificate_file = directory_.path() + "/cert.pem";
        request_.key_file = directory_.path() + "/key.pem";
        request_.address = "127.0.0.1";
        request_.hostname = "localhost";
        ASSERT_TRUE(pki::load_or_create_key_pair(request_, frozen).has_value());
        begin(CertificateWatch::stamps_of(options()));
    }

    [[nodiscard]] http::TlsServerOptions options() const {
        http::TlsServerOptions options;
        options.certificate_file = request_.certificate_file;
        options.key_file = request_.key_file;
        return options;
    }
    void begin(CertificateWatch::Stamps served) {
        watch_.emplace(loop_.get_executor(), options(), watch::WatchOptions{.quiet = 1ms}, [this](auto update) {
            updates_.push_back(std::move(update));
        });
        watch_->start(std::move(served));
    }

    /// Runs the loop until an update more has come.
    void wait() {
        const std::size_t before = updates_.size();
        while (updates_.size() == before) {
            loop_.run_one();
        }
    }

    TempDirectory directory_;
    pki::KeyPairRequest request_;
    boost::asio::io_context loop_{1};
    std::vector<std::expected<CertificateWatch::Update, std::string>> updates_;
    std::optional<CertificateWatch> watch_;
};

TEST_F(Certificate, IsTakenWhenBothFilesHaveChanged) {
    ASSERT_TRUE(pki::rotate(request_, frozen + 24h).has_value());
    do {
        wait();  // between the two files there may be one that is refused
    } while (!updates_.back());
    EXPECT_EQ(updates_.back()->not_after, frozen + 24h + std::chrono::days(36'500));
    EXPECT_NE(updates_.back()->tls, nullptr);
}

TEST_F(Certificate, IsRefusedOnceWhenItCannotBeUsed) {
    std::ofstream(request_.certificate_file) << "nothing";
    watch_->look();
    ASSERT_EQ(updates_.size(), 1U);
    ASSERT_FALSE(updates_.front().has_value());
    EXPECT_THAT(updates_.front().error(), HasSubstr("cert.pem"));
    watch_->look();
    EXPECT_EQ(updates_.size(), 1U);
}

TEST_F(Certificate, IsRefusedWithAKeyOfAnother) {
    const TempDirectory other;
    auto elsewhere = request_;
    elsewhere.certificate_file = other.path() + "/cert.pem";
    elsewhere.key_file = other.path() + "/key.pem";
    ASSERT_TRUE(pki::load_or_create_key_pair(elsewhere, frozen).has_value());
    std::filesystem::rename(elsewhere.key_file, request_.key_file);
    watch_->look();
    ASSERT_EQ(updates_.size(), 1U);
    ASSERT_FALSE(updates_.front().has_value());
    EXPECT_THAT(updates_.front().error(), HasSubstr("do not belong together"));
}

TEST_F(Certificate, IsLeftAloneWhereNothingHasChanged) {
    watch_->look();
    watch_->retry();
    EXPECT_TRUE(updates_.empty());
}

TEST_F(Certificate, IsTakenAtOnceWhenItHasChangedSinceItWasRead) {
    auto served = CertificateWatch::stamps_of(options());
    ASSERT_TRUE(pki::rotate(request_, frozen + 24h).has_value());
    begin(std::move(served));
    ASSERT_EQ(updates_.size(), 1U);
    ASSERT_TRUE(updates_.front().has_value()) << updates_.front().error();
    EXPECT_EQ(updates_.front()->not_after, frozen + 24h + std::chrono::days(36'500));
}

TEST_F(Certificate, IsTriedAgainWhenAskedForAfterAFailureThatLeftNoTraceInTheFiles) {
    if (test::sanitizer_needs_descriptors) {
        GTEST_SKIP() << "the sanitizer itself needs descriptors";
    }
    ASSERT_TRUE(pki::rotate(request_, frozen + 24h).has_value());
    {
        const test::NoDescriptors none;
        watch_->look();
    }
    ASSERT_EQ(updates_.size(), 1U);
    EXPECT_FALSE(updates_.back().has_value());
    watch_->look();
    EXPECT_EQ(updates_.size(), 1U);
    watch_->retry();
    ASSERT_EQ(updates_.size(), 2U);
    EXPECT_TRUE(updates_.back().has_value());
}

}  // namespace
}  // namespace arngate
