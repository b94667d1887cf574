#include "core/credentials/chain.hpp"

#include "core/credentials/client_settings.hpp"
#include "tests/core/credentials/chain_frame.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace arngate::credentials {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using ChainTest = ChainFrame;

TEST_F(ChainTest, TakesTheEnvironmentBeforeAnyProfile) {
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

TEST_F(ChainTest, TakesTheOldNamesOfVariables) {
    variables_["AWS_ACCESS_KEY"] = "ENV";
    variables_["AWS_SECRET_KEY"] = "ENVSECRET";
    ASSERT_TRUE(resolve().has_value());
}

TEST_F(ChainTest, RefusesHalfAKeyInTheEnvironment) {
    credentials_file("[default]\naws_access_key_id = FILE\naws_secret_access_key = FILESECRET\n");
    variables_["AWS_ACCESS_KEY_ID"] = "ENV";
    EXPECT_THAT(error(), HasSubstr("AWS_SECRET_ACCESS_KEY is not"));
    variables_.erase("AWS_ACCESS_KEY_ID");
    variables_["AWS_SECRET_ACCESS_KEY"] = "S3CRET";
    EXPECT_THAT(error(), AllOf(HasSubstr("AWS_ACCESS_KEY_ID is not"), Not(HasSubstr("S3CRET"))));
}

TEST_F(ChainTest, NamesTheKeyThatCannotBeUsedAndDoesNotShowIt) {
    variables_["AWS_ACCESS_KEY_ID"] = "AKIAIOSFODNN7EXAMPLE";
    variables_["AWS_SECRET_ACCESS_KEY"] = "SECRETWORD\r";
    EXPECT_THAT(
        error(),
        AllOf(HasSubstr("the environment has a secret access key that cannot be used"), Not(HasSubstr("SECRETWORD")))
    );
    variables_["AWS_SECRET_ACCESS_KEY"] = "SECRETWORD";
    variables_["AWS_SESSION_TOKEN"] = "to ken";
    EXPECT_THAT(error(), HasSubstr("the environment has a session token that cannot be used"));
    variables_.erase("AWS_SESSION_TOKEN");
    variables_["AWS_ACCESS_KEY_ID"] = "AKIA\nX-Header: 1";
    EXPECT_THAT(error(), HasSubstr("the environment has an access key id that cannot be used"));

    variables_.erase("AWS_ACCESS_KEY_ID");
    variables_.erase("AWS_SECRET_ACCESS_KEY");
    credentials_file("[default]\naws_access_key_id = AKIA\naws_secret_access_key = SECRET\xc2\xa0WORD\n");
    EXPECT_THAT(
        error(),
        AllOf(
            HasSubstr("/.aws/credentials:2 (profile default): the profile has a secret access key that cannot be used"),
            Not(HasSubstr("WORD"))
        )
    );
}

TEST_F(ChainTest, TakesTheNamedProfileOfTheCredentialsFile) {
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

TEST_F(ChainTest, TakesAwsDefaultProfileOnlyWithoutAwsProfile) {
    credentials_file(
        "[one]\naws_access_key_id = 1\naws_secret_access_key = S\n[two]\naws_access_key_id = 2\naws_secret_access_key "
        "= S\n"
    );
    variables_["AWS_DEFAULT_PROFILE"] = "two";
    EXPECT_EQ(resolve().value().access_key_id, "2");
    variables_["AWS_PROFILE"] = "one";
    EXPECT_EQ(resolve().value().access_key_id, "1");
}

TEST_F(ChainTest, TakesKeysOfTheConfigFileWhenTheCredentialsFileHasNone) {
    config_file("[profile other]\naws_access_key_id = C\naws_secret_access_key = CS\n");
    variables_["AWS_PROFILE"] = "other";
    EXPECT_EQ(resolve().value().access_key_id, "C");
}

TEST_F(ChainTest, NeverMixesTheKeysOfTwoFiles) {
    credentials_file("[default]\naws_access_key_id = A\naws_secret_access_key = AS\n");
    config_file("[default]\naws_access_key_id = B\naws_secret_access_key = BS\naws_session_token = BT\n");
    const auto result = resolve();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->access_key_id, "A");
    EXPECT_TRUE(result->session_token.empty());

    credentials_file("[default]\naws_access_key_id = A\n");
    EXPECT_THAT(error(), AllOf(HasSubstr("credentials:2 (profile default)"), HasSubstr("aws_secret_access_key")));
}

TEST_F(ChainTest, FollowsTheVariablesThatNameTheFiles) {
    std::ofstream(home_ + "/keys") << "[default]\naws_access_key_id = K\naws_secret_access_key = S\n";
    std::ofstream(home_ + "/settings") << "[default]\nregion = eu-west-1\n";
    variables_["AWS_SHARED_CREDENTIALS_FILE"] = home_ + "/keys";
    variables_["AWS_CONFIG_FILE"] = home_ + "/settings";
    const auto shared = SharedConfig::load(environment());
    ASSERT_TRUE(shared.has_value());
    EXPECT_EQ(resolve().value().access_key_id, "K");
    EXPECT_EQ(resolve_region(environment(), *shared), "eu-west-1");
}

TEST_F(ChainTest, NamesTheProfileThatIsNowhere) {
    variables_["AWS_PROFILE"] = "nowhere";
    EXPECT_THAT(error(), AllOf(HasSubstr("\"nowhere\""), HasSubstr("AWS_PROFILE"), HasSubstr(".aws/config")));
}

TEST_F(ChainTest, NamesEveryPlaceWhenThereIsNothing) {
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

TEST_F(ChainTest, SaysSoWhenHomeIsNotSet) {
    variables_.erase("HOME");
    EXPECT_THAT(error(), HasSubstr("HOME is not set"));
}

TEST_F(ChainTest, PassesABrokenFileOn) {
    credentials_file("[default]\nS3CRET\n");
    EXPECT_THAT(error(), AllOf(HasSubstr("credentials:2:"), Not(HasSubstr("S3CRET"))));
}

TEST_F(ChainTest, SaysWhatBecameOfTheProgramOfAProfile) {
    config_file("[default]\ncredential_process = sh -c 'exit 3'\n");
    EXPECT_THAT(error(), HasSubstr("credential_process: the program ended with status 3"));
}

TEST_F(ChainTest, AsksNobodyWhereTheEnvironmentAnswers) {
    variables_["AWS_ACCESS_KEY_ID"] = "ENV";
    variables_["AWS_SECRET_ACCESS_KEY"] = "ENVSECRET";
    variables_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
    variables_["AWS_EC2_METADATA_DISABLED"] = "false";
    ASSERT_TRUE(resolve());
    EXPECT_TRUE(transport_.calls.empty());
    ASSERT_EQ(trace_.steps.size(), 1U);
    EXPECT_EQ(trace_.steps[0].outcome, Step::Outcome::found);
}

constexpr const char* role_config =
    "[default]\nregion = eu-west-1\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n";
constexpr const char* base_keys =
    "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = BASESECRET\n";

TEST_F(ChainTest, AssumesARoleAtTheEndpointOfTheRegion) {
    config_file(role_config);
    credentials_file(base_keys);
    transport_.answer(200, assumed("ASIAONE", "2024-01-01T01:00:00Z"));
    const auto result = resolve();
    ASSERT_TRUE(result) << result.error();
    EXPECT_EQ(result->access_key_id, "ASIAONE");
    EXPECT_EQ(result->source, "profile default (assumed role)");
    ASSERT_EQ(transport_.calls.size(), 1U);
    EXPECT_EQ(transport_.calls[0].host, "sts.eu-west-1.amazonaws.com:443");
    EXPECT_TRUE(transport_.calls[0].tls);
    EXPECT_THAT(transport_.calls[0].body, HasSubstr("Action=AssumeRole&"));
    EXPECT_THAT(transport_.calls[0].headers, HasSubstr("/eu-west-1/sts/aws4_request"));
}

TEST_F(ChainTest, FindsStsWhereTheSettingsSay) {
    const auto host_with = [this](const char* name, const char* value) {
        const auto before = variables_;
        variables_[name] = value;
        transport_.answer(200, assumed("ASIAONE", "2024-01-01T01:00:00Z"));
        EXPECT_TRUE(resolve());
        variables_ = before;
        return transport_.calls.back().host;
    };
    config_file(role_config);
    credentials_file(base_keys);
    EXPECT_EQ(host_with("AWS_USE_FIPS_ENDPOINT", "true"), "sts-fips.eu-west-1.amazonaws.com:443");
    EXPECT_EQ(host_with("AWS_USE_DUALSTACK_ENDPOINT", "true"), "sts.eu-west-1.api.aws:443");
    EXPECT_EQ(host_with("AWS_STS_REGIONAL_ENDPOINTS", "legacy"), "sts.amazonaws.com:443");
    EXPECT_THAT(transport_.calls.back().headers, HasSubstr("/us-east-1/sts/aws4_request"));
    EXPECT_EQ(host_with("AWS_REGION", "cn-north-1"), "sts.cn-north-1.amazonaws.com.cn:443");
    EXPECT_EQ(host_with("AWS_ENDPOINT_URL_STS", "http://localhost:4566"), "localhost:4566");
    EXPECT_FALSE(transport_.calls.back().tls);
    EXPECT_EQ(host_with("AWS_CA_BUNDLE", "~/ca.pem"), "sts.eu-west-1.amazonaws.com:443");
    EXPECT_EQ(transport_.calls.back().ca_bundle, home_ + "/ca.pem");
}

TEST_F(ChainTest, TriesStsTwiceAndSaysWhatItSaid) {
    config_file(role_config);
    credentials_file(base_keys);
    transport_.fail(CallFailure::Kind::no_answer, "timed out");
    transport_.answer(503, "");
    EXPECT_THAT(error(), HasSubstr("AssumeRole was answered with 503"));
    EXPECT_EQ(transport_.pauses, 1);
    transport_.answer(403, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
    EXPECT_THAT(error(), AllOf(HasSubstr("AccessDenied"), HasSubstr("trust policy"), Not(HasSubstr("BASESECRET"))));
    EXPECT_EQ(transport_.calls.size(), 3U);
}

TEST_F(ChainTest, SaysThatTheClockIsWrongWhereStsSaysAnotherTime) {
    const std::string refusal = "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>";
    aws::Credentials base;
    base.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    base.secret_access_key = Secret("secret");
    const RoleToAssume role{
        .role_arn = "arn:aws:iam::123456789012:role/R", .session_name = {}, .external_id = {}, .mfa_serial = {}
    };
    const WallTime now = clock_.wall();
    struct Case {
        std::chrono::minutes ahead;
        std::string said;
    };
    for (const Case& c :
         {Case{.ahead = 17min, .said = "17 minutes behind"}, Case{.ahead = -3h, .said = "3 hours ahead"}}) {
        const auto date = fmt::format(
            "{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::chrono::system_clock::to_time_t(now + c.ahead))
        );
        transport_.answer(403, refusal, date);
        const auto assumed = Chain(context()).assume(role, base).credentials;
        ASSERT_FALSE(assumed);
        EXPECT_THAT(assumed.error().what, AllOf(HasSubstr("SignatureDoesNotMatch"), HasSubstr(c.said)));
        EXPECT_THAT(assumed.error().next_step, HasSubstr("set it right"));
    }
    for (const std::string date : {"", "yesterday"}) {
        transport_.answer(403, refusal, date);
        EXPECT_THAT(Chain(context()).assume(role, base).credentials.error().next_step, HasSubstr("see whether"));
    }
}

TEST_F(ChainTest, AsksForTheSessionNameOfCredentials) {
    const auto identity = [](std::string_view arn, std::string_view id) {
        return fmt::format(
            R"({{"GetCallerIdentityResponse":{{"GetCallerIdentityResult":{{"Account":"123456789012","Arn":"{}","UserId":"{}"}}}}}})",
            arn,
            id
        );
    };
    aws::Credentials base;
    base.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    base.secret_access_key = Secret("secret");
    Chain chain(context());
    transport_.answer(200, identity("arn:aws:sts::123456789012:assumed-role/R/jane", "AROAEXAMPLE:jane"));
    EXPECT_EQ(chain.session_name(base).value(), "jane");
    EXPECT_THAT(
        transport_.calls.back().headers, AllOf(HasSubstr("accept: application/json"), HasSubstr("authorization: "))
    );
    EXPECT_THAT(transport_.calls.back().body, HasSubstr("Action=GetCallerIdentity"));
    transport_.answer(200, identity("arn:aws:iam::123456789012:user/jane", "AIDAEXAMPLE"));
    EXPECT_EQ(chain.session_name(base).value(), "");
    transport_.answer(403, R"({"Error":{"Code":"AccessDenied"}})");
    EXPECT_THAT(chain.session_name(base).error().what, HasSubstr("AccessDenied"));
    transport_.answer(200, "{}");
    EXPECT_FALSE(chain.session_name(base));
}

TEST_F(ChainTest, RefusesCredentialsThatAreOver) {
    config_file(role_config);
    credentials_file(base_keys);
    transport_.answer(200, assumed("ASIAONE", "2024-01-01T00:00:00Z"));
    EXPECT_THAT(error(), HasSubstr("ended at 2024-01-01T00:00:00Z"));
}

TEST_F(ChainTest, AsksForAnMfaCodeOrSaysThatItCannot) {
    config_file(std::string(role_config) + "mfa_serial = arn:aws:iam::123456789012:mfa/me\n");
    credentials_file(base_keys);
    EXPECT_THAT(error(), HasSubstr("mfa_serial"));
    EXPECT_TRUE(transport_.calls.empty());
    prompt_ = [](std::string_view serial) -> std::expected<Secret, std::string> {
        EXPECT_EQ(serial, "arn:aws:iam::123456789012:mfa/me");
        return Secret("123456");
    };
    transport_.answer(200, assumed("ASIAONE", "2024-01-01T01:00:00Z"));
    EXPECT_TRUE(resolve());
    EXPECT_THAT(
        transport_.calls[0].body,
        HasSubstr("&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fme&TokenCode=123456")
    );
    prompt_ = [](std::string_view) { return std::expected<Secret, std::string>(std::unexpected("no terminal")); };
    EXPECT_THAT(error(), HasSubstr("no terminal"));
}

TEST_F(ChainTest, BoundsChainsOfProfiles) {
    const auto chain = [](int length) {
        std::string text = "[default]\nrole_arn = r\nsource_profile = p1\n";
        for (int i = 1; i < length; ++i) {
            text += fmt::format("[profile p{}]\nrole_arn = r\nsource_profile = p{}\n", i, i + 1);
        }
        return text + fmt::format("[profile p{}]\naws_access_key_id = A\naws_secret_access_key = S\n", length);
    };
    config_file(chain(15));
    for (int i = 0; i < 15; ++i) {
        transport_.answer(200, assumed("ASIA", "2024-01-01T01:00:00Z"));
    }
    EXPECT_TRUE(resolve());
    config_file(chain(16));
    EXPECT_THAT(error(), HasSubstr("too long"));
}

TEST_F(ChainTest, AsksTheContainerServiceAtItsAddress) {
    variables_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials?id=1";
    transport_.answer(
        200, R"({"AccessKeyId":"ASIAECS","SecretAccessKey":"s","Token":"t","Expiration":"2024-01-01T06:00:00Z"})"
    );
    EXPECT_EQ(resolve().value().access_key_id, "ASIAECS");
    EXPECT_EQ(transport_.calls[0].host, "169.254.170.2:80");
    EXPECT_EQ(transport_.calls[0].target, "/v2/credentials?id=1");
    variables_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "evil.example/";
    EXPECT_THAT(error(), HasSubstr("does not begin with a slash"));
}

TEST_F(ChainTest, AsksNoOtherHostWithoutTls) {
    for (const char* wrong :
         {"http://192.0.2.1/x",
          "http://169.254.170.24/",
          "http://localhost.example/",
          "http://[fd00:ec2::24]/",
          "http://user@127.0.0.1/",
          "ftp://127.0.0.1/",
          "127.0.0.1",
          "http://127.0.0.1:0/",
          "http://2130706433/"}) {
        variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = wrong;
        EXPECT_THAT(error(), AllOf(HasSubstr("AWS_CONTAINER_CREDENTIALS_FULL_URI"), Not(HasSubstr("2130706433"))))
            << wrong;
    }
    EXPECT_TRUE(transport_.calls.empty());
    for (const char* right :
         {"http://127.8.9.1/x",
          "http://[::1]:81/",
          "http://localhost/",
          "http://169.254.170.23/v1/credentials",
          "http://[fd00:ec2::23]/v1/credentials",
          "https://example.com/x"}) {
        variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = right;
        transport_.answer(403, "{}");
        EXPECT_THAT(error(), HasSubstr("status 403")) << right;
    }
}

TEST_F(ChainTest, AsksTheContainerServiceThriceAndNobodyElse) {
    variables_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
    variables_["AWS_EC2_METADATA_DISABLED"] = "false";
    for (int i = 0; i < 3; ++i) {
        transport_.fail(CallFailure::Kind::not_reached, "Connection refused");
    }
    EXPECT_THAT(error(), HasSubstr("Connection refused"));
    EXPECT_EQ(transport_.calls.size(), 3U);
}

class InstanceChain : public ChainTest {
protected:
    InstanceChain() { variables_["AWS_EC2_METADATA_DISABLED"] = "false"; }

    static std::string document(const std::string& code = "Success") {
        return R"({"Code":")" + code +
               R"(","AccessKeyId":"ASIAINSTANCEEXAMPLE0","SecretAccessKey":"s","Token":"t","Expiration":"2024-01-01T06:00:00Z"})";
    }
};

TEST_F(InstanceChain, AsksInASession) {
    transport_.answer(200, "session");
    transport_.answer(200, "node+role@x\nanother");
    transport_.answer(200, document());
    EXPECT_EQ(resolve().value().source, "instance metadata");
    ASSERT_EQ(transport_.calls.size(), 3U);
    EXPECT_EQ(transport_.calls[0].method, "PUT");
    EXPECT_EQ(transport_.calls[0].host, "169.254.169.254:80");
    EXPECT_EQ(transport_.calls[2].target, "/latest/meta-data/iam/security-credentials/node+role@x");
    EXPECT_THAT(transport_.calls[2].headers, HasSubstr("X-aws-ec2-metadata-token: session"));
    EXPECT_EQ(transport_.calls[0].limit, std::chrono::seconds(1));
}

TEST_F(InstanceChain, AsksInTheOldWayOnlyWhereSomebodyIsThereAndMayBeAsked) {
    transport_.answer(404, "");
    transport_.answer(200, "role");
    transport_.answer(200, document());
    EXPECT_TRUE(resolve());
    EXPECT_THAT(transport_.calls[1].headers, Not(HasSubstr("metadata-token")));

    transport_.fail(CallFailure::Kind::not_reached, "Connection refused");
    EXPECT_THAT(error(), HasSubstr("no session: Connection refused"));
    transport_.answer(400, "");
    EXPECT_THAT(error(), HasSubstr("no session: status 400"));
    variables_["AWS_EC2_METADATA_V1_DISABLED"] = "true";
    transport_.fail(CallFailure::Kind::no_answer, "no answer in time");
    EXPECT_THAT(error(), HasSubstr("IMDSv1 is not allowed"));
    EXPECT_EQ(transport_.calls.size(), 6U);
}

TEST_F(InstanceChain, FollowsTheSettings) {
    variables_["AWS_METADATA_SERVICE_TIMEOUT"] = "60";
    variables_["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] = "3";
    variables_["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv6";
    for (int i = 0; i < 3; ++i) {
        transport_.fail(CallFailure::Kind::not_reached, "x");
    }
    EXPECT_THAT(error(), HasSubstr("no session: x"));
    ASSERT_EQ(transport_.calls.size(), 3U);
    EXPECT_EQ(transport_.calls[0].host, "[fd00:ec2::254]:80");
    EXPECT_GT(transport_.calls[0].limit, std::chrono::seconds(20));
    for (const auto& [name, value] : std::map<std::string, std::string>{
             {"AWS_METADATA_SERVICE_TIMEOUT", "61"},
             {"AWS_METADATA_SERVICE_NUM_ATTEMPTS", "0"},
             {"AWS_EC2_METADATA_V1_DISABLED", "yes"},
             {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://metadata.example"},
             {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "both"}
         }) {
        const auto before = variables_;
        variables_[name] = value;
        EXPECT_THAT(error(), AllOf(HasSubstr(name), Not(HasSubstr("metadata.example")))) << name;
        variables_ = before;
    }
}

TEST_F(InstanceChain, GoesToNoOtherPathAndBelievesNoOtherForm) {
    for (const char* role : {"", "..", ".", "a/b", "a b", "a?b", "a%2fb", "\nrole"}) {
        transport_.answer(200, "session");
        transport_.answer(200, role);
        EXPECT_THAT(error(), HasSubstr("a role that is no name of one")) << role;
    }
    transport_.answer(200, "ses\nsion");
    EXPECT_THAT(error(), HasSubstr("a session that cannot be sent back"));
    for (const std::string& body : {std::string("[]"), document("Failed"), std::string("{}")}) {
        transport_.answer(200, "session");
        transport_.answer(200, "role");
        transport_.answer(200, body);
        EXPECT_THAT(error(), HasSubstr("instance metadata (credentials that")) << body;
    }
}

TEST_F(ChainTest, OrdersTheSourcesOfTheRegion) {
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

TEST_F(ChainTest, ReadsTheEndpointVariant) {
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
