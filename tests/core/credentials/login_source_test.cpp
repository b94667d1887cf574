#include "core/credentials/login_source.hpp"

#include "core/aws/sigv4.hpp"
#include "core/aws/timestamp.hpp"
#include "tests/core/credentials/chain_frame.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

namespace arngate::credentials {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view session = "arn:aws:iam::123456789012:user/me";

/// A new key as JSON has it.
std::string dpop_key() {
    const std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })> key(EVP_EC_gen("P-256"));
    const std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    std::string text;
    for (const char c : std::string_view(data, static_cast<std::size_t>(size))) {
        text += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    return text;
}

class LoginTest : public ChainFrame {
protected:
    LoginTest() {
        std::filesystem::create_directories(home_ + "/.aws/login/cache");
        variables_["AWS_REGION"] = "eu-west-1";
        config_file(fmt::format("[default]\nlogin_session = {}\n", session));
    }

    [[nodiscard]] std::string cache_file() const {
        return fmt::format("{}/.aws/login/cache/{}.json", home_, aws::sha256_hex(session));
    }
    void cache(std::string_view key_id, std::chrono::seconds ends_in, std::string_view refresh_token) {
        std::ofstream(cache_file()) << fmt::format(
            R"({{"accessToken":{{"accessKeyId":"{}","secretAccessKey":"s","sessionToken":"t","expiresAt":"{}"}},)"
            R"("refreshToken":"{}","clientId":"c","dpopKey":"{}"}})",
            key_id,
            aws::format_timestamp(clock_.wall() + ends_in),
            refresh_token,
            key_
        );
    }
    [[nodiscard]] std::string cached() const {
        std::ifstream stream(cache_file());
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    std::string key_ = dpop_key();
};

constexpr std::string_view fresh_answer =
    R"({"accessToken":{"accessKeyId":"AKIAFRESH","secretAccessKey":"s2","sessionToken":"t2"},"expiresIn":900,)"
    R"("refreshToken":"next"})";

TEST_F(LoginTest, AsksNobodyWhileTheKeysAreGood) {
    cache("AKIAOLD", 6min, "once");
    const auto found = resolve();
    ASSERT_TRUE(found) << found.error();
    EXPECT_EQ(found->access_key_id, "AKIAOLD");
}

TEST_F(LoginTest, ExchangesKeysThatEndSoonAndKeepsTheNewOnes) {
    cache("AKIAOLD", 4min, "once");
    transport_.answer(200, std::string(fresh_answer));
    const auto found = resolve();
    ASSERT_TRUE(found) << found.error();
    EXPECT_EQ(found->access_key_id, "AKIAFRESH");
    ASSERT_EQ(transport_.calls.size(), 1U);
    EXPECT_EQ(transport_.calls[0].host, "eu-west-1.signin.aws.amazon.com:443");
    EXPECT_EQ(transport_.calls[0].method, "POST");
    EXPECT_EQ(transport_.calls[0].target, "/v1/token");
    EXPECT_THAT(transport_.calls[0].headers, AllOf(HasSubstr("Content-Type: application/json\n"), HasSubstr("DPoP: ")));
    EXPECT_EQ(transport_.calls[0].body, R"({"clientId":"c","grantType":"refresh_token","refreshToken":"once"})");
    EXPECT_THAT(cached(), AllOf(HasSubstr("AKIAFRESH"), HasSubstr("next")));
}

TEST_F(LoginTest, TakesWhatAnotherProcessHasExchangedMeanwhile) {
    cache("AKIAOLD", -1min, "once");
    transport_.before_answer = [this] { cache("AKIAFRESH", 15min, "next"); };
    transport_.answer(400, R"({"error":"INVALID_GRANT"})");
    const auto found = resolve();
    ASSERT_TRUE(found) << found.error();
    EXPECT_EQ(found->access_key_id, "AKIAFRESH");
    EXPECT_THAT(cached(), HasSubstr("next"));
}

TEST_F(LoginTest, GoesOnWithKeysThatAreStillGoodWhenTheExchangeFails) {
    cache("AKIAOLD", 4min, "once");
    transport_.fail(CallFailure::Kind::no_answer, "silence");
    const auto found = resolve();
    ASSERT_TRUE(found) << found.error();
    EXPECT_EQ(found->access_key_id, "AKIAOLD");
}

TEST_F(LoginTest, SaysWhyAnExchangeFailedThatWasNeeded) {
    cache("AKIAOLD", 0s, "once");
    transport_.answer(400, "nothing of this is shown");
    EXPECT_EQ(
        error(),
        "the console sign-in could not be refreshed: the sign-in service answered with status 400; "
        "run `aws login --profile default`"
    );
    transport_.fail(CallFailure::Kind::no_answer, "silence");
    EXPECT_THAT(error(), HasSubstr("the sign-in service gave no answer: silence"));
    transport_.answer(200, R"({"expiresIn":900})");
    EXPECT_THAT(error(), HasSubstr("an answer that is not of the documented form"));
}

}  // namespace
}  // namespace arngate::credentials
