#include "daemon/client/token_cache.hpp"

#include "core/aws/timestamp.hpp"
#include "tests/support/temp_directory.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace arngate::client {
namespace {

using namespace std::chrono_literals;

const WallTime now = *aws::parse_timestamp("2026-01-02T03:04:05Z");

token::MintedToken minted(std::string_view text = "k8s-aws-v1.EXAMPLE", WallTime end = now + 14min) {
    return {.token = Secret(text), .expires_at = end};
}

TEST(TokenCache, GivesATokenUntilTheMarginBeforeItsEnd) {
    const TempDirectory home;
    const TokenCache cache(home.file("x/tokens"));
    EXPECT_FALSE(cache.find("n", now, 1min));
    ASSERT_TRUE(cache.put("n", minted(), now));
    const auto found = cache.find("n", now, 1min);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->token.expose(), "k8s-aws-v1.EXAMPLE");
    EXPECT_EQ(found->expires_at, now + 14min);
    EXPECT_TRUE(cache.find("n", now + 13min - 1s, 1min));
    EXPECT_FALSE(cache.find("n", now + 13min, 1min));
    EXPECT_TRUE(cache.find("n", now + 13min, 0s));
    EXPECT_FALSE(cache.find("n", now - 1s, 1min));  // of another clock
    EXPECT_FALSE(cache.find("other", now, 1min));
}

TEST(TokenCache, DoesNotTrustFilesOfOthersOrOtherForms) {
    const TempDirectory home;
    const TokenCache cache(home.path());
    ASSERT_TRUE(cache.put("n", minted(), now));
    struct stat status{};
    ASSERT_EQ(::stat(home.file("n.json").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    ::chmod(home.file("n.json").c_str(), 0640);
    EXPECT_FALSE(cache.find("n", now, 1min));
    for (const std::string_view content :
         {"",
          "{",
          "[]",
          R"({"expires":"2026-01-02T03:18:05Z"})",
          R"({"expires":"2026-01-02T03:18:05Z","token":"eyJ"})",
          R"({"expires":"2026-01-02T03:18:06Z","token":"k8s-aws-v1.EXAMPLE"})",
          R"({"token":"k8s-aws-v1.EXAMPLE"})"}) {
        std::ofstream(home.file("odd.json")) << content;
        ::chmod(home.file("odd.json").c_str(), 0600);
        EXPECT_FALSE(cache.find("odd", now, 1min)) << content;
    }
}

TEST(TokenCache, TakesAwayWhatHasEnded) {
    const TempDirectory home;
    const TokenCache cache(home.path());
    const WallTime real = WallTime::clock::now();
    ASSERT_TRUE(cache.put("old", minted(), real));
    ASSERT_TRUE(cache.lock(0ms));
    ASSERT_TRUE(cache.put("new", minted(), real + 10min));
    EXPECT_EQ(home.count(), 3U);
    ASSERT_TRUE(cache.put("new", minted(), real + 20min));
    EXPECT_EQ(home.count(), 2U);  // the lock stays
}

TEST(TokenCache, LetsOneAfterTheOtherMakeTokens) {
    const TempDirectory home;
    const TokenCache cache(home.file("tokens"));
    auto turn = cache.lock(0ms);
    ASSERT_TRUE(turn);
    EXPECT_FALSE(cache.lock(0ms));
    turn.reset();
    EXPECT_TRUE(cache.lock(0ms));
}

TEST(TokenCache, IsWholeWhateverRaces) {
    const TempDirectory home;
    const TokenCache cache(home.path());
    ASSERT_TRUE(cache.put("n", minted(), now));
    std::vector<pid_t> children;
    for (int process = 0; process < 12; ++process) {
        const pid_t child = ::fork();
        if (child == 0) {
            const std::string text = "k8s-aws-v1." + std::string(static_cast<std::size_t>(1000 * (process + 1)), 'x');
            bool good = true;
            for (int round = 0; round < 20; ++round) {
                good = good && cache.put("n", minted(text), now).has_value();
                const auto found = cache.find("n", now, 1min);
                good = good && found && (found->token.size() - 11) % 1000 < 8;
            }
            ::_exit(good ? 0 : 1);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = -1;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
}

class TokenName : public testing::Test {
protected:
    std::string name() {
        return token_name(cluster_, settings_, [this](const char* variable) -> const char* {
            const auto found = variables_.find(variable);
            return found == variables_.end() ? nullptr : found->second.c_str();
        });
    }
    TempDirectory home_;
    std::string cluster_ = "c";
    config::ClientSettings settings_;
    std::map<std::string, std::string, std::less<>> variables_{{"HOME", home_.path()}};
};

TEST_F(TokenName, IsAnotherForEachThingThatDecides) {
    std::set<std::string> names{name()};
    EXPECT_EQ(name(), *names.begin());
    const auto differs = [&] { return names.insert(name()).second; };
    cluster_ = "C";
    EXPECT_TRUE(differs());
    settings_.region = "eu-west-1";
    EXPECT_TRUE(differs());
    settings_.role = "r";
    EXPECT_TRUE(differs());
    settings_.external_id = "e";
    EXPECT_TRUE(differs());
    settings_.session_name = "s";
    EXPECT_TRUE(differs());
    settings_.forward_session_name = true;
    EXPECT_TRUE(differs());
    for (const char* variable :
         {"AWS_PROFILE", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_USE_FIPS_ENDPOINT"}) {
        variables_[variable] = "";
        EXPECT_TRUE(differs()) << variable;
        variables_[variable] = "x";
        EXPECT_TRUE(differs()) << variable;
    }
    std::filesystem::create_directory(home_.file(".aws"));
    std::ofstream(home_.file(".aws/credentials")) << "[default]\n";
    EXPECT_TRUE(differs());
    std::ofstream(home_.file(".aws/config")) << "[default]\n";
    EXPECT_TRUE(differs());
    std::ofstream(home_.file(".aws/config")) << "[default]\nregion = x\n";
    EXPECT_TRUE(differs());
    EXPECT_EQ(name().size(), 64U);
}

TEST_F(TokenName, DoesNotRunTextsTogether) {
    settings_.external_id = "ab";
    settings_.session_name = "c";
    const std::string one = name();
    settings_.external_id = "a";
    settings_.session_name = "bc";
    EXPECT_NE(name(), one);
}

}  // namespace
}  // namespace arngate::client
