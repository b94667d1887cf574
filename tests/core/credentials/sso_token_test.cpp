#include "core/credentials/sso_token.hpp"

#include "core/aws/timestamp.hpp"
#include "tests/core/credentials/chain_frame.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace arngate::credentials {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class SsoTokenTest : public ChainFrame {
protected:
    SsoTokenTest() {
        std::filesystem::create_directories(home_ + "/.aws/sso/cache");
        config_file(
            "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example\n"
            "[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Ops\n"
        );
    }

    [[nodiscard]] std::string cache_file() const {
        return sso_cache_file(environment(), {.session = "corp", .start_url = {}, .region = {}, .profile = {}});
    }
    void cache(std::string_view token, std::chrono::seconds ends_in, std::string_view refresh_token) {
        std::ofstream(cache_file()) << fmt::format(
            R"({{"accessToken":"{}","expiresAt":"{}","refreshToken":"{}","clientId":"c","clientSecret":"cs",)"
            R"("registrationExpiresAt":"{}","other":["stays"]}})",
            token,
            aws::format_timestamp(clock_.wall() + ends_in),
            refresh_token,
            aws::format_timestamp(clock_.wall() + 24h)
        );
    }
    [[nodiscard]] std::string cached() const {
        std::ifstream stream(cache_file());
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    void answer_role() {
        transport_.answer(
            200,
            R"({"roleCredentials":{"accessKeyId":"AKIASSO","secretAccessKey":"s","sessionToken":"t","expiration":)"
            R"(4102444800000}})"
        );
    }
    /// The token that the portal was shown, last.
    [[nodiscard]] std::string shown() const { return transport_.calls.empty() ? "" : transport_.calls.back().headers; }
};

TEST_F(SsoTokenTest, IsShownAsItIsWhileItIsGood) {
    cache("old", 16min, "once");
    answer_role();
    const auto found = resolve();
    ASSERT_TRUE(found) << found.error();
    EXPECT_EQ(found->access_key_id, "AKIASSO");
    EXPECT_EQ(shown(), "x-amz-sso_bearer_token: old\n");
}

TEST_F(SsoTokenTest, IsExchangedBeforeItEndsAndKept) {
    cache("old", 14min, "once");
    transport_.answer(200, R"({"accessToken":"fresh","expiresIn":28800,"refreshToken":"next"})");
    answer_role();
    ASSERT_TRUE(resolve());
    ASSERT_EQ(transport_.calls.size(), 2U);
    EXPECT_EQ(transport_.calls[0].host, "oidc.eu-west-1.amazonaws.com:443");
    EXPECT_EQ(transport_.calls[0].target, "/token");
    EXPECT_EQ(
        transport_.calls[0].body,
        R"({"clientId":"c","clientSecret":"cs","grantType":"refresh_token","refreshToken":"once"})"
    );
    EXPECT_EQ(shown(), "x-amz-sso_bearer_token: fresh\n");
    EXPECT_THAT(cached(), HasSubstr("\"fresh\""));
    EXPECT_THAT(cached(), HasSubstr("\"other\":[\"stays\"]"));
}

TEST_F(SsoTokenTest, OfAnotherProcessIsTakenWhenThatWasFaster) {
    cache("old", -1min, "once");
    transport_.before_answer = [this] {
        cache("fresh", 8h, "next");
        transport_.before_answer = {};
    };
    transport_.answer(400, R"({"error":"invalid_grant"})");
    answer_role();
    const auto found = resolve();
    ASSERT_TRUE(found) << found.error();
    EXPECT_EQ(shown(), "x-amz-sso_bearer_token: fresh\n");
    EXPECT_THAT(cached(), HasSubstr("next"));
}

TEST_F(SsoTokenTest, StaysInUseToItsEndWhenTheExchangeFails) {
    cache("old", 1min, "once");
    transport_.answer(500, "");
    answer_role();
    ASSERT_TRUE(resolve());
    EXPECT_EQ(shown(), "x-amz-sso_bearer_token: old\n");
    cache("old", 0s, "once");
    transport_.answer(500, "");
    EXPECT_EQ(
        error(),
        "the SSO token has expired, and refreshing it failed: the OIDC service answered with status 500; "
        "run `aws sso login --profile default`"
    );
}

}  // namespace
}  // namespace arngate::credentials
