#include "daemon/cli/run.hpp"

#include "core/base/log.hpp"
#include "core/base/version.hpp"
#include "tests/daemon/cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace arngate::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class Run : public testing::Test {
protected:
    Program program_;
};

TEST_F(Run, PrintsTheVersionInEveryForm) {
    const std::string number(version());
    EXPECT_EQ(program_.run({"arngate", "version", "-s"}).out, number + "\n");
    EXPECT_THAT(program_.run({"arngate", "version"}).out, StartsWith("{\"Version\":\"" + number + "\""));
    EXPECT_EQ(program_.run({"arngate", "version"}).out, program_.run({"arngate", "version", "--output=json"}).out);
    EXPECT_THAT(
        program_.run({"arngate", "version", "-o", "yaml"}).out,
        AllOf(StartsWith("version: " + number + "\ncommit: "), HasSubstr("\ndate: \"\"\n"))
    );
    const Result other = program_.run({"arngate", "version", "-o", "xml"});
    EXPECT_EQ(other.status, 0);
    EXPECT_EQ(other.err, "unknown version option\n");
    EXPECT_THAT(other.out, IsEmpty());
}

TEST_F(Run, ReadsNoConfigurationForTheVersion) {
    EXPECT_EQ(program_.run({"arngate", "version", "-c", "/nowhere.yaml"}).status, 0);
}

TEST_F(Run, WritesHelpToStandardOutputAndMisuseToStandardError) {
    const Result help = program_.run({"arngate", "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.err, IsEmpty());
    const Result misuse = program_.run({"arngate", "token", "--nonsense"});
    EXPECT_EQ(misuse.status, 1);
    EXPECT_THAT(misuse.out, IsEmpty());
    EXPECT_THAT(misuse.err, StartsWith("Error: unknown flag: --nonsense\n"));
}

TEST_F(Run, GivesTheServerItsSettingsAndPassesItsStatusOn) {
    const std::string file = program_.file("c.yaml", "clusterID: from-file\nserver:\n  port: 1234\n");
    const Result result = program_.run({"arngate", "server", "-c", file, "--state-dir", "/state"});
    EXPECT_EQ(result.status, 42) << result.err;
    ASSERT_TRUE(program_.served.has_value());
    EXPECT_EQ(program_.served->cluster_id, "from-file");
    EXPECT_EQ(program_.served->server.port, 1234);
    EXPECT_EQ(program_.served->server.state_dir, "/state");
    EXPECT_EQ(program_.served->profile, config::Profile::arngate);
}

TEST_F(Run, LetsFlagsBeatVariablesAndVariablesTheFile) {
    const std::string file = program_.file("c.yaml", "clusterID: from-file\n");
    program_.set("KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID", "from-variable");
    EXPECT_EQ(program_.run({"arngate", "server", "-c", file}).status, 42);
    EXPECT_EQ(program_.served->cluster_id, "from-variable");
    EXPECT_EQ(program_.run({"arngate", "server", "-c", file, "-i", "from-flag"}).status, 42);
    EXPECT_EQ(program_.served->cluster_id, "from-flag");
    program_.set("KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID", "");
    EXPECT_EQ(program_.run({"arngate", "server", "-c", file}).status, 42);
    EXPECT_EQ(program_.served->cluster_id, "from-file");
}

TEST_F(Run, TakesTheReferenceProfileUnderTheNameOfTheGoProgram) {
    EXPECT_EQ(program_.run({"aws-iam-authenticator", "server", "-i", "c"}).status, 42);
    EXPECT_EQ(program_.served->profile, config::Profile::reference);
    EXPECT_EQ(program_.run({"aws-iam-authenticator", "server", "-i", "c", "--compat", "arngate"}).status, 42);
    EXPECT_EQ(program_.served->profile, config::Profile::arngate);
}

TEST_F(Run, NamesEveryProblemOfTheConfiguration) {
    const std::string file = program_.file("c.yaml", "clusterID: c\nserver:\n  port: none\n  address: nowhere!\n");
    const Result result = program_.run({"arngate", "server", "-c", file});
    EXPECT_EQ(result.status, 1);
    EXPECT_FALSE(program_.served.has_value());
    EXPECT_THAT(result.err, AllOf(HasSubstr("c.yaml:3:"), HasSubstr("server.port"), HasSubstr("server.address")));
}

TEST_F(Run, RefusesAServerWithoutCluster) {
    EXPECT_EQ(program_.run({"arngate", "server"}).status, 1);
    EXPECT_EQ(program_.run({"arngate", "init"}).status, 1);
    EXPECT_EQ(program_.run({"arngate", "server", "-c", program_.directory() + "/missing.yaml", "-i", "c"}).status, 1);
}

std::string slurp(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

TEST_F(Run, InitMakesTheFilesOnceAndThenKeepsThem) {
    const std::string& directory = program_.directory();
    const std::vector<std::string> arguments{
        "arngate",
        "init",
        "-i",
        "c",
        "--state-dir",
        directory,
        "--generate-kubeconfig",
        directory + "/k.yaml",
        "-v",
        "error"
    };
    const Result first = program_.run(arguments);
    ASSERT_EQ(first.status, 0) << first.err;
    const std::string key = slurp(directory + "/key.pem");
    const std::string kubeconfig = slurp(directory + "/k.yaml");
    EXPECT_THAT(key, StartsWith("-----BEGIN PRIVATE KEY-----"));
    EXPECT_THAT(kubeconfig, HasSubstr("server: https://localhost:21362/authenticate"));

    ASSERT_EQ(program_.run(arguments).status, 0);
    EXPECT_EQ(slurp(directory + "/key.pem"), key);
    EXPECT_EQ(slurp(directory + "/k.yaml"), kubeconfig);
}

TEST_F(Run, InitInTheReferenceProfileFollowsItsFeatureGate) {
    const std::string& directory = program_.directory();
    const std::vector<std::string> arguments{
        "aws-iam-authenticator",
        "init",
        "-i",
        "c",
        "--state-dir",
        directory,
        "--generate-kubeconfig",
        directory + "/k.yaml",
        "--feature-gates",
        "ConfiguredInitDirectories=true",
        "--hostname",
        "webhook.internal",
        "-v",
        "error"
    };
    const Result result = program_.run(arguments);
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.out, StartsWith("Authenticator Version: \""));
    EXPECT_THAT(slurp(directory + "/key.pem"), StartsWith("-----BEGIN RSA PRIVATE KEY-----"));
    EXPECT_THAT(slurp(directory + "/k.yaml"), HasSubstr("server: https://webhook.internal:21362/authenticate"));

    const auto before = std::filesystem::current_path();
    const std::string current = directory + "/current";
    std::filesystem::create_directory(current);
    std::filesystem::current_path(current);
    const Result here = program_.run({"aws-iam-authenticator", "init", "-i", "c", "-v", "error"});
    std::filesystem::current_path(before);
    ASSERT_EQ(here.status, 0) << here.err;
    EXPECT_TRUE(std::filesystem::exists(current + "/key.pem"));
    EXPECT_TRUE(std::filesystem::exists(current + "/cert.pem"));
    EXPECT_TRUE(std::filesystem::exists(current + "/aws-iam-authenticator.kubeconfig"));
}

TEST_F(Run, InitSaysWhichDirectoryIsMissing) {
    const Result result =
        program_.run({"arngate", "init", "-i", "c", "--state-dir", program_.directory() + "/nowhere"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, AllOf(HasSubstr("/nowhere"), HasSubstr("create it")));
}

TEST_F(Run, VerifyNeedsATokenAndACluster) {
    EXPECT_THAT(program_.run({"arngate", "verify", "-i", "c"}).err, HasSubstr("--token"));
    EXPECT_THAT(program_.run({"arngate", "verify", "-t", "x"}).err, HasSubstr("--cluster-id"));
}

TEST_F(Run, VerifyExplainsARefusalWithoutShowingTheToken) {
    const Result result = program_.run({"arngate", "verify", "-i", "c", "-t", "k8s-aws-v2.S3CRET"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(
        result.err,
        AllOf(StartsWith("could not verify token: "), HasSubstr("reason: bad_prefix"), HasSubstr("advice: "))
    );
    EXPECT_THAT(result.err, testing::Not(HasSubstr("S3CRET")));
}

TEST_F(Run, RefusesWordsOutsideTheReferenceProfileAlone) {
    const Result ours = program_.run({"arngate", "server", "-i", "c", "k8s-aws-v1.S3CRET"});
    EXPECT_EQ(ours.status, 1);
    EXPECT_FALSE(program_.served.has_value());
    EXPECT_THAT(ours.err, AllOf(StartsWith("Error: 1 argument belongs to no flag."), HasSubstr("--token-only=false")));
    EXPECT_THAT(ours.err, testing::Not(HasSubstr("S3CRET")));
    EXPECT_EQ(program_.run({"arngate", "version", "x", "y"}).status, 1);
    EXPECT_EQ(program_.run({"aws-iam-authenticator", "server", "-i", "c", "x", "--", "y"}).status, 42);
    EXPECT_EQ(program_.run({"aws-iam-authenticator", "version", "x"}).status, 0);
    const std::string file = program_.file("c.yaml", "clusterID: c\ncompat: reference\n");
    EXPECT_EQ(program_.run({"arngate", "server", "-c", file, "x"}).status, 42);
}

TEST_F(Run, SaysWhatIsWrongWhereTheGoProgramSaysIt) {
    const std::string name = "aws-iam-authenticator";
    const std::string missing = program_.directory() + "/missing.yaml";
    for (const char* command : {"server", "init", "token", "verify", "version"}) {
        const Result result = program_.run({name, command, "-c", missing});
        EXPECT_EQ(result.status, 1) << command;
        EXPECT_THAT(result.out, StartsWith("Can't read configuration file: ")) << command;
        EXPECT_THAT(result.err, IsEmpty()) << command;
    }
    std::string log;
    log::set_sink([&](std::string_view line) { log += line; });
    const Result server = program_.run({name, "server"});
    log::set_sink({});
    EXPECT_EQ(server.status, 1);
    EXPECT_THAT(server.out, StartsWith("Authenticator Version: \""));
    EXPECT_THAT(server.err, IsEmpty());
    EXPECT_THAT(log, AllOf(HasSubstr("level=fatal"), HasSubstr("clusterID")));
    const Result init = program_.run({name, "init"});
    EXPECT_EQ(init.status, 1);
    EXPECT_THAT(init.out, StartsWith("Authenticator Version: \""));
    EXPECT_THAT(init.err, StartsWith("could not get config: clusterID"));
    const Result level = program_.run({name, "-v", "nonsense", "version"});
    EXPECT_EQ(level.status, 1);
    EXPECT_THAT(level.err, IsEmpty());
    EXPECT_THAT(level.out, StartsWith("--log-verbosity"));
    program_.set("ARNGATE_COMPAT", "reference");
    EXPECT_THAT(program_.run({"arngate", "init"}).err, StartsWith("could not get config: "));
}

TEST_F(Run, TakesKeysFromVariablesOfTheirPath) {
    program_.set("ARNGATE_CLUSTER_ID", "from-variable");
    program_.set("ARNGATE_SERVER_PORT", "tcp://10.0.0.1:443");
    program_.set("ARNGATE_SERVER_HEALTH_PORT", "77");
    EXPECT_EQ(program_.run({"arngate", "server"}).status, 42);
    EXPECT_EQ(program_.served->cluster_id, "from-variable");
    EXPECT_EQ(program_.served->server.port, 21362);
    EXPECT_EQ(program_.served->server.health_port, 77);
    program_.set("ARNGATE_SERVER_HEALTH_PORT", "many");
    EXPECT_THAT(program_.run({"arngate", "server"}).err, HasSubstr("ARNGATE_SERVER_HEALTH_PORT: server.healthPort"));
}

TEST_F(Run, VerifyRefusesAnUnknownPartition) {
    EXPECT_EQ(program_.run({"arngate", "verify", "-i", "c", "-t", "x", "--partition", "nowhere"}).status, 1);
}

}  // namespace
}  // namespace arngate::cli
