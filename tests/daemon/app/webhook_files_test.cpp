#include "daemon/webhook_files.hpp"

#include "tests/support/temp_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

namespace arngate {
namespace {

using testing::HasSubstr;

constexpr WallTime frozen{std::chrono::seconds(1767323045)};

TEST(PrepareKeyPair, NeverMakesFilesThatSomebodyElseProvides) {
    const TempDirectory directory;
    config::Settings settings;
    settings.server.state_dir = directory.path();
    settings.server.tls.cert_file = directory.path() + "/own.crt";
    settings.server.tls.key_file = directory.path() + "/own.key";
    const auto pair = prepare_key_pair(settings, frozen);
    ASSERT_FALSE(pair.has_value());
    EXPECT_THAT(pair.error(), HasSubstr("own.crt"));
    EXPECT_FALSE(std::filesystem::exists(settings.server.tls.key_file));
    EXPECT_FALSE(std::filesystem::exists(directory.path() + "/key.pem"));
}

TEST(PrepareKeyPair, TakesTheAlgorithmOfTheProfile) {
    for (const auto& [profile, header] :
         {std::pair{config::Profile::arngate, "-----BEGIN PRIVATE KEY-----"},
          std::pair{config::Profile::reference, "-----BEGIN RSA PRIVATE KEY-----"}}) {
        const TempDirectory directory;
        config::Settings settings;
        settings.profile = profile;
        settings.server.state_dir = directory.path();
        ASSERT_TRUE(prepare_key_pair(settings, frozen).has_value());
        EXPECT_THAT(directory.read("key.pem"), testing::StartsWith(header));
    }
}

TEST(PrepareKubeconfig, PinsTheLeafAndNamesHostAndPort) {
    const TempDirectory directory;
    config::Settings settings;
    settings.server.state_dir = directory.path();
    settings.server.hostname = "webhook.internal";
    settings.server.generate_kubeconfig = directory.path() + "/k.yaml";
    const auto pair = prepare_key_pair(settings, frozen);
    ASSERT_TRUE(pair.has_value());
    ASSERT_TRUE(prepare_kubeconfig(settings, *pair, 4321).has_value());
    EXPECT_THAT(directory.read("k.yaml"), HasSubstr("server: https://webhook.internal:4321/authenticate"));
}

TEST(ApiServerHint, NamesTheFlagAndTheFile) {
    config::Settings settings;
    settings.server.generate_kubeconfig = "/k.yaml";
    EXPECT_THAT(api_server_hint(settings), HasSubstr("--authentication-token-webhook-config-file=/k.yaml"));
}

}  // namespace
}  // namespace arngate
