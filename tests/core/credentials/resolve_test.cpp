#include "core/credentials/resolve.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace arngate::credentials {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A home directory and an environment of its own.
class Resolve : public testing::Test {
protected:
    Resolve() {
        std::string pattern = testing::TempDir() + "arngate-home-XXXXXX";
        home_ = ::mkdtemp(pattern.data());
        std::filesystem::create_directory(home_ + "/.aws");
        variables_["HOME"] = home_;
    }
    ~Resolve() override { std::filesystem::remove_all(home_); }

    void credentials_file(const std::string& text) const { std::ofstream(home_ + "/.aws/credentials") << text; }
    void config_file(const std::string& text) const { std::ofstream(home_ + "/.aws/config") << text; }

    [[nodiscard]] Environment environment() const {
        return [this](const char* name) -> const char* {
            const auto found = variables_.find(name);
            return found == variables_.end() ? nullptr : found->second.c_str();
        };
    }
    [[nodiscard]] std::expected<aws::Credentials, std::string> resolve() const {
        const auto shared = SharedConfig::load(environment());
        if (!shared) {
            return std::unexpected(shared.error());
        }
        return resolve_credentials(environment(), *shared);
    }
    [[nodiscard]] std::string error() const {
        const auto result = resolve();
        return result ? "no error" : result.error();
    }

    std::string home_;
    std::map<std::string, std::string, std::less<>> variables_;
};

TEST_F(Resolve, TakesTheEnvironmentBeforeAnyProfile) {
    credentials_file("[default]\naws_access_key_id = FILE\naws_secret_access_key = FILESECRET\n");
    variables_["AWS_ACCESS_KEY_ID"] = "ENV";
    variables_["AWS_SECRET_ACCESS_KEY"] = "ENVSECRET";
    variables_["AWS_SESSION_TOKEN"] = "ENVTOKEN";
    const auto result = resolve();
    ASSERT_TRUE(result.has_value()) << result.error();
    EXPECT_EQ(result->access_key_id, "ENV");
    EXPECT_EQ(result->secret_access_key.expose(), "ENVSECRET");
    EXPECT_EQ(result->session_token.expose(), "ENVTOKEN");
    EXPECT_EQ(result->source, "environment");
}

TEST_F(Resolve, TakesTheOldNamesOfVariables) {
    variables_["AWS_ACCESS_KEY"] = "ENV";
    variables_["AWS_SECRET_KEY"] = "ENVSECRET";
    ASSERT_TRUE(resolve().has_value());
}

TEST_F(Resolve, RefusesHalfAKeyInTheEnvironment) {
    credentials_file("[default]\naws_access_key_id = FILE\naws_secret_access_key = FILESECRET\n");
    variables_["AWS_ACCESS_KEY_ID"] = "ENV";
    EXPECT_THAT(error(), HasSubstr("AWS_SECRET_ACCESS_KEY is not"));
    variables_.erase("AWS_ACCESS_KEY_ID");
    variables_["AWS_SECRET_ACCESS_KEY"] = "S3CRET";
    EXPECT_THAT(error(), AllOf(HasSubstr("AWS_ACCESS_KEY_ID is not"), Not(HasSubstr("S3CRET"))));
}

TEST_F(Resolve, TakesTheNamedProfileOfTheCredentialsFile) {
    credentials_file(
        "[default]\naws_access_key_id = D\naws_secret_access_key = DS\n"
        "[other]\naws_access_key_id = O\naws_secret_access_key = OS\naws_session_token = OT\n"
    );
    variables_["AWS_PROFILE"] = "other";
    const auto result = resolve();
    ASSERT_TRUE(result.has_value()) << result.error();
    EXPECT_EQ(result->access_key_id, "O");
    EXPECT_EQ(result->session_token.expose(), "OT");
    EXPECT_EQ(result->source, "profile other");
}

TEST_F(Resolve, TakesAwsDefaultProfileOnlyWithoutAwsProfile) {
    credentials_file(
        "[one]\naws_access_key_id = 1\naws_secret_access_key = S\n[two]\naws_access_key_id = 2\naws_secret_access_key "
        "= S\n"
    );
    variables_["AWS_DEFAULT_PROFILE"] = "two";
    EXPECT_EQ(resolve().value().access_key_id, "2");
    variables_["AWS_PROFILE"] = "one";
    EXPECT_EQ(resolve().value().access_key_id, "1");
}

TEST_F(Resolve, TakesKeysOfTheConfigFileWhenTheCredentialsFileHasNone) {
    config_file("[profile other]\naws_access_key_id = C\naws_secret_access_key = CS\n");
    variables_["AWS_PROFILE"] = "other";
    EXPECT_EQ(resolve().value().access_key_id, "C");
}

TEST_F(Resolve, NeverMixesTheKeysOfTwoFiles) {
    credentials_file("[default]\naws_access_key_id = A\naws_secret_access_key = AS\n");
    config_file("[default]\naws_access_key_id = B\naws_secret_access_key = BS\naws_session_token = BT\n");
    const auto result = resolve();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->access_key_id, "A");
    EXPECT_TRUE(result->session_token.empty());

    credentials_file("[default]\naws_access_key_id = A\n");
    EXPECT_THAT(error(), AllOf(HasSubstr("credentials:2 (profile default)"), HasSubstr("aws_secret_access_key")));
}

TEST_F(Resolve, FollowsTheVariablesThatNameTheFiles) {
    std::ofstream(home_ + "/keys") << "[default]\naws_access_key_id = K\naws_secret_access_key = S\n";
    std::ofstream(home_ + "/settings") << "[default]\nregion = eu-west-1\n";
    variables_["AWS_SHARED_CREDENTIALS_FILE"] = home_ + "/keys";
    variables_["AWS_CONFIG_FILE"] = home_ + "/settings";
    const auto shared = SharedConfig::load(environment());
    ASSERT_TRUE(shared.has_value());
    EXPECT_EQ(resolve_credentials(environment(), *shared).value().access_key_id, "K");
    EXPECT_EQ(resolve_region(environment(), *shared), "eu-west-1");
}

TEST_F(Resolve, NamesTheProfileThatIsNowhere) {
    variables_["AWS_PROFILE"] = "nowhere";
    EXPECT_THAT(error(), AllOf(HasSubstr("\"nowhere\""), HasSubstr("AWS_PROFILE"), HasSubstr(".aws/config")));
}

TEST_F(Resolve, NamesEveryPlaceWhenThereIsNothing) {
    credentials_file("[other]\nregion = x\n");
    EXPECT_THAT(
        error(),
        AllOf(
            HasSubstr("AWS_ACCESS_KEY_ID (not set)"),
            HasSubstr("credentials (no profile \"default\")"),
            HasSubstr("config (not there)")
        )
    );
}

TEST_F(Resolve, SaysSoWhenHomeIsNotSet) {
    variables_.erase("HOME");
    EXPECT_THAT(error(), HasSubstr("HOME is not set"));
}

TEST_F(Resolve, PassesABrokenFileOn) {
    credentials_file("[default]\nS3CRET\n");
    EXPECT_THAT(error(), AllOf(HasSubstr("credentials:2:"), Not(HasSubstr("S3CRET"))));
}

TEST_F(Resolve, NamesWhatWouldHaveToBeFetched) {
    for (const char* property :
         {"role_arn",
          "web_identity_token_file",
          "sso_session",
          "sso_start_url",
          "credential_process",
          "credential_source"}) {
        config_file(std::string("[default]\n") + property + " = S3CRET\n");
        EXPECT_THAT(
            error(), AllOf(HasSubstr("config:2 (profile default)"), HasSubstr(property), Not(HasSubstr("S3CRET")))
        ) << property;
    }
}

TEST_F(Resolve, RefusesAProfileThatAssumesARoleEvenWhenItHasKeys) {
    credentials_file("[default]\naws_access_key_id = A\naws_secret_access_key = AS\n");
    config_file("[default]\nrole_arn = arn:aws:iam::123456789012:role/R\n");
    EXPECT_THAT(error(), HasSubstr("role_arn"));
}

TEST_F(Resolve, NamesWebIdentityAndContainerVariables) {
    variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1/x";
    EXPECT_THAT(error(), HasSubstr("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
    variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/token";
    EXPECT_THAT(error(), HasSubstr("AWS_WEB_IDENTITY_TOKEN_FILE"));
}

TEST_F(Resolve, OrdersTheSourcesOfTheRegion) {
    const auto region = [this] { return resolve_region(environment(), SharedConfig::load(environment()).value()); };
    EXPECT_EQ(region(), "");
    config_file("[default]\nregion = a\n");
    EXPECT_EQ(region(), "a");
    variables_["AWS_DEFAULT_REGION"] = "b";
    EXPECT_EQ(region(), "b");
    variables_["AWS_REGION"] = "c";
    EXPECT_EQ(region(), "c");
    variables_["AWS_REGION"] = "";
    EXPECT_EQ(region(), "b");
}

TEST_F(Resolve, ReadsTheEndpointVariant) {
    const auto variant = [this] {
        return resolve_endpoint_variant(environment(), SharedConfig::load(environment()).value());
    };
    EXPECT_EQ(variant().value(), aws::EndpointVariant::plain);
    config_file("[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = True\n");
    EXPECT_EQ(variant().value(), aws::EndpointVariant::fips_dual_stack);
    variables_["AWS_USE_FIPS_ENDPOINT"] = "false";
    EXPECT_EQ(variant().value(), aws::EndpointVariant::dual_stack);
    variables_["AWS_USE_DUALSTACK_ENDPOINT"] = "yes";
    ASSERT_FALSE(variant().has_value());
    EXPECT_THAT(variant().error(), HasSubstr("AWS_USE_DUALSTACK_ENDPOINT"));
}

}  // namespace
}  // namespace arngate::credentials
