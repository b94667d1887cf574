#include "tests/daemon/cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <chrono>
#include <string>
#include <vector>

namespace arngate::cli {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class TokenCommand : public testing::Test {
protected:
    TokenCommand() {
        program_.keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        program_.set("AWS_REGION", "us-east-1");
    }
    Program program_;
};

std::string text_of(simdjson::dom::element value) {
    return std::string(std::string_view(value));
}

TEST_F(TokenCommand, PrintsTheTokensOfTheVectors) {
    simdjson::dom::parser parser;
    const simdjson::dom::element vectors = parser.load(ARNGATE_TEST_VECTORS "/token-sign.json");
    const std::string id = text_of(vectors["access_key_id"]);
    const std::string secret = text_of(vectors["secret_access_key"]);
    for (const simdjson::dom::element c : simdjson::dom::array(vectors["cases"])) {
        Program program;
        program.keys(id, secret);
        program.set("AWS_SESSION_TOKEN", text_of(c["session_token"]));
        program.freeze(WallTime(std::chrono::seconds(std::int64_t(c["unix_time"]))));
        const std::string region = text_of(c["region"]);
        const std::string cluster = text_of(c["cluster_id"]);
        const std::string token = text_of(c["token"]);

        const Result only = program.run({"arngate", "token", "-i", cluster, "--region", region, "--token-only"});
        EXPECT_EQ(only.status, 0) << only.err;
        EXPECT_EQ(only.out, token + "\n");

        const Result whole = program.run({"arngate", "token", "-i", cluster, "--region", region});
        EXPECT_EQ(
            whole.out,
            R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{"interactive":false},)"
            R"("status":{"expirationTimestamp":")" +
                text_of(c["exec_credential_expiration"]) + R"(","token":")" + token + "\"}}\n"
        );
        EXPECT_THAT(whole.err, IsEmpty());
    }
}

TEST_F(TokenCommand, AnswersInTheVersionThatKubectlAsksFor) {
    simdjson::dom::parser parser;
    const simdjson::dom::element vectors = parser.load(ARNGATE_TEST_VECTORS "/exec-credential.json");
    const std::string token = program_.run({"arngate", "token", "-i", "c", "--token-only"}).out;
    for (const simdjson::dom::element c : simdjson::dom::array(vectors["cases"])) {
        program_.unset("KUBERNETES_EXEC_INFO");
        if (!c["kubernetes_exec_info"].is_null()) {
            program_.set("KUBERNETES_EXEC_INFO", text_of(c["kubernetes_exec_info"]));
        }
        std::string expected = text_of(c["expect_stdout"]);
        const std::string stand_in = "k8s-aws-v1.TOKEN";
        expected.replace(expected.find(stand_in), stand_in.size(), token.substr(0, token.size() - 1));
        EXPECT_EQ(program_.run({"aws-iam-authenticator", "token", "-i", "c"}).out, expected) << text_of(c["id"]);
    }
}

TEST_F(TokenCommand, RefusesVersionsThatItDoesNotKnow) {
    for (const char* version : {"weird", "client.authentication.k8s.io/v2"}) {
        program_.set("KUBERNETES_EXEC_INFO", std::string(R"({"apiVersion":")") + version + "\"}");
        const Result result = program_.run({"arngate", "token", "-i", "c"});
        EXPECT_EQ(result.status, 1);
        EXPECT_THAT(result.out, IsEmpty());
        EXPECT_THAT(result.err, AllOf(StartsWith("could not get token: "), HasSubstr("apiVersion")));
        EXPECT_EQ(program_.run({"arngate", "token", "-i", "c", "--token-only"}).status, 0);
    }
    program_.set("KUBERNETES_EXEC_INFO", R"({"apiVersion":"client.authentication.k8s.io/v1","spec":{}})");
    EXPECT_THAT(program_.run({"arngate", "token", "-i", "c"}).out, HasSubstr(R"("client.authentication.k8s.io/v1")"));
}

TEST_F(TokenCommand, TakesTheClusterOfTheKubeconfigsExtension) {
    const std::string by_flag = program_.run({"arngate", "token", "-i", "prod", "--token-only"}).out;
    program_.set(
        "KUBERNETES_EXEC_INFO",
        R"({"apiVersion":"client.authentication.k8s.io/v1","spec":{"cluster":{"config":{"clusterID":"prod"}}}})"
    );
    EXPECT_EQ(program_.run({"arngate", "token", "--token-only"}).out, by_flag);
    EXPECT_NE(program_.run({"arngate", "token", "-i", "other", "--token-only"}).out, by_flag);
}

TEST_F(TokenCommand, SaysThatATokenEndsWithItsCredentials) {
    program_.set("AWS_CREDENTIAL_EXPIRATION", "2026-01-02T03:09:05Z");
    EXPECT_THAT(program_.run({"arngate", "token", "-i", "c"}).out, HasSubstr(R"("2026-01-02T03:08:05Z")"));
    EXPECT_THAT(
        program_.run({"arngate", "token", "-i", "c", "--expiry-margin", "2m"}).out,
        HasSubstr(R"("2026-01-02T03:07:05Z")")
    );
    EXPECT_EQ(program_.run({"arngate", "token", "-i", "c", "--expiry-margin", "601s"}).status, 1);
}

TEST_F(TokenCommand, KeepsATokenAndReadsNothingElse) {
    const std::vector<std::string> command{"arngate", "token", "-i", "c", "--cache-token"};
    const Result first = program_.run(command);
    EXPECT_EQ(first.status, 0) << first.err;
    program_.freeze(WallTime(std::chrono::seconds(1767323045 + 600)));
    EXPECT_EQ(program_.run(command).out, first.out);
    EXPECT_NE(program_.run({"arngate", "token", "-i", "d", "--cache-token"}).out, first.out);
    program_.freeze(WallTime(std::chrono::seconds(1767323045 + 781)));
    EXPECT_NE(program_.run(command).out, first.out);
    program_.unset("HOME");
    EXPECT_THAT(program_.run(command).err, HasSubstr("--cache-token has no effect"));
}

TEST_F(TokenCommand, NeedsACluster) {
    const Result result = program_.run({"arngate", "token"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(
        result.err,
        AllOf(HasSubstr("--cluster-id"), HasSubstr("KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID"), HasSubstr("\nUsage:\n"))
    );
}

TEST_F(TokenCommand, TakesTheClusterFromVariableAndFile) {
    const std::string by_flag = program_.run({"arngate", "token", "-i", "c"}).out;
    EXPECT_EQ(program_.run({"arngate", "token", "-c", program_.file("c.yaml", "clusterID: c\n")}).out, by_flag);
    program_.set("KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID", "c");
    EXPECT_EQ(program_.run({"arngate", "token"}).out, by_flag);
}

TEST_F(TokenCommand, NeverSignsAsSomebodyElseThanAsked) {
    program_.set("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1");  // where nobody is
    const std::vector<std::string> command{"arngate", "token", "-i", "c"};
    program_.set("DEFAULT_ROLE", "arn:aws:iam::123456789012:role/Other");
    const Result result = program_.run(command);
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(
        result.err,
        AllOf(
            StartsWith("could not get token: "), HasSubstr("--role"), HasSubstr("environment"), HasSubstr("AssumeRole")
        )
    );
    program_.set("DEFAULT_ROLE", "Other");
    EXPECT_THAT(program_.run(command).err, HasSubstr("not an ARN"));
}

TEST_F(TokenCommand, RefusesTwoWaysToNameASession) {
    EXPECT_EQ(program_.run({"arngate", "token", "-i", "c", "--forward-session-name", "--session-name", "s"}).status, 1);
    EXPECT_EQ(program_.run({"arngate", "token", "-i", "c", "--session-name", "s"}).status, 0);
}

TEST_F(TokenCommand, SaysWhereItLookedForKeys) {
    program_.unset("AWS_ACCESS_KEY_ID");
    program_.unset("AWS_SECRET_ACCESS_KEY");
    const Result result = program_.run({"arngate", "token", "-i", "c"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(
        result.err,
        AllOf(
            StartsWith("could not get token: "),
            HasSubstr("AWS_ACCESS_KEY_ID (not set)"),
            HasSubstr("/.aws/credentials")
        )
    );
}

TEST_F(TokenCommand, WarnsThatTheCacheHasNothingToKeep) {
    const Result result = program_.run({"arngate", "token", "-i", "c", "--cache", "--token-only"});
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.err, HasSubstr("--cache"));
    EXPECT_THAT(result.out, AllOf(StartsWith("k8s-aws-v1."), EndsWith("\n")));
}

TEST_F(TokenCommand, RefusesARegionThatIsNoHostLabel) {
    const Result result = program_.run({"arngate", "token", "-i", "c", "--region", "evil.example/"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.out, IsEmpty());
    program_.set("AWS_REGION", "evil.example/");
    EXPECT_EQ(program_.run({"arngate", "token", "-i", "c"}).status, 1);
}

TEST_F(TokenCommand, NeverShowsTheSecretKeyInAnError) {
    program_.unset("AWS_ACCESS_KEY_ID");
    const Result result = program_.run({"arngate", "token", "-i", "c"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, Not(HasSubstr("wJalrXUtnFEMI")));
}

}  // namespace
}  // namespace arngate::cli
