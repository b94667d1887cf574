#include "daemon/cli/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace arngate::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

CommandLine parsed(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "/usr/bin/arngate");
    auto result = parse_command_line(arguments);
    if (const auto* message = std::get_if<Message>(&result)) {
        ADD_FAILURE() << message->err;
        return {};
    }
    return std::get<CommandLine>(std::move(result));
}

Message refused(std::vector<std::string> arguments, const std::string& program = "/usr/bin/arngate") {
    arguments.insert(arguments.begin(), program);
    auto result = parse_command_line(arguments);
    if (std::holds_alternative<CommandLine>(result)) {
        ADD_FAILURE() << "parsed";
        return {};
    }
    return std::get<Message>(std::move(result));
}

/// What the flags say of a key: the first override decides.
std::vector<std::string> given(const CommandLine& line, std::string_view key) {
    const auto& overrides = line.request.overrides;
    const auto found = std::ranges::find(overrides, key, &config::Override::key);
    return found == overrides.end() ? std::vector<std::string>{"(none)"} : found->values;
}

TEST(CommandLine, TakesEveryFormOfAFlag) {
    for (const std::vector<std::string>& form :
         {std::vector<std::string>{"token", "--cluster-id", "c"},
          {"token", "--cluster-id=c"},
          {"token", "-i", "c"},
          {"token", "-ic"},
          {"--cluster-id", "c", "token"},
          {"-i", "c", "token"},
          {"-i", "other", "token", "-i", "c"},
          {"token", "-i", "other", "-i", "c"}}) {
        EXPECT_THAT(given(parsed(form), "clusterID"), ElementsAre("c")) << testing::PrintToString(form);
    }
}

TEST(CommandLine, TakesBooleansWithAndWithoutValue) {
    EXPECT_THAT(given(parsed({"token", "--token-only"}), "tokenOnly"), ElementsAre("true"));
    EXPECT_THAT(given(parsed({"token", "--token-only=true"}), "tokenOnly"), ElementsAre("true"));
    EXPECT_THAT(given(parsed({"token", "--token-only=false"}), "tokenOnly"), ElementsAre("false"));
    EXPECT_THAT(given(parsed({"token"}), "tokenOnly"), ElementsAre("(none)"));
}

TEST(CommandLine, TakesAnEmptyValue) {
    EXPECT_THAT(given(parsed({"token", "--region=", "--cluster-id", "c"}), "region"), ElementsAre(""));
    EXPECT_THAT(given(parsed({"token", "--region=", "--cluster-id", "c"}), "clusterID"), ElementsAre("c"));
}

TEST(CommandLine, SplitsListsAtCommasAndJoinsRepeats) {
    const auto line = parsed({"server", "--backend-mode", "EKSConfigMap,MountedFile", "--backend-mode=CRD"});
    EXPECT_THAT(given(line, "server.backendMode"), ElementsAre("EKSConfigMap", "MountedFile", "CRD"));
}

TEST(CommandLine, GivesTheSameFlagAnotherKeyInAnotherCommand) {
    EXPECT_THAT(given(parsed({"server", "--partition", "aws-cn"}), "server.partition"), ElementsAre("aws-cn"));
    EXPECT_THAT(given(parsed({"verify", "--partition", "aws-cn"}), "partition"), ElementsAre("aws-cn"));
}

TEST(CommandLine, KnowsTheOddlySpelledFlagsOfTheGoServer) {
    const auto line = parsed({"server", "--ec2-describeInstances-qps", "3", "--ec2-describeInstances-burst=4"});
    EXPECT_THAT(given(line, "server.ec2DescribeInstancesQps"), ElementsAre("3"));
    EXPECT_THAT(given(line, "server.ec2DescribeInstancesBurst"), ElementsAre("4"));
}

TEST(CommandLine, TakesTheFileBeforeAndAfterTheCommand) {
    EXPECT_EQ(parsed({"-c", "a.yaml", "server"}).request.file, "a.yaml");
    EXPECT_EQ(parsed({"server", "--config=a.yaml"}).request.file, "a.yaml");
    EXPECT_EQ(parsed({"-c", "b.yaml", "server", "-c", "a.yaml"}).request.file, "a.yaml");
}

TEST(CommandLine, SaysWhatTheConfigurationIsFor) {
    EXPECT_EQ(parsed({"server"}).request.purpose, config::Purpose::server);
    EXPECT_EQ(parsed({"init"}).request.purpose, config::Purpose::server);
    EXPECT_EQ(parsed({"token"}).request.purpose, config::Purpose::client);
    EXPECT_EQ(parsed({"verify"}).request.purpose, config::Purpose::client);
}

TEST(CommandLine, TakesTheProfileFromTheNameItIsCalledBy) {
    const auto profile = [](const std::string& program) {
        const std::vector<std::string> arguments{program, "server"};
        return std::get<CommandLine>(parse_command_line(arguments)).request.default_profile;
    };
    EXPECT_EQ(profile("arngate"), config::Profile::arngate);
    EXPECT_EQ(profile("./aws-iam-authenticator"), config::Profile::reference);
    EXPECT_EQ(profile("/usr/local/bin/aws-iam-authenticator"), config::Profile::reference);
    EXPECT_EQ(profile("/opt/aws-iam-authenticator/arngate"), config::Profile::arngate);
}

TEST(CommandLine, KeepsWordsThatBelongToNoFlag) {
    EXPECT_EQ(parsed({"version", "token", "x"}).command, Command::version);
    EXPECT_THAT(parsed({"version", "token", "-", ""}).words, ElementsAre("token", "-", ""));
    EXPECT_THAT(parsed({"token", "--", "-i", "c"}).words, ElementsAre("-i", "c"));
    EXPECT_THAT(given(parsed({"token", "x", "-i", "c", "y"}), "clusterID"), ElementsAre("c"));
    EXPECT_THAT(given(parsed({"token", "--", "-i", "c"}), "clusterID"), ElementsAre("(none)"));
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"token", "--nonsense"},
          {"token", "--nonsense=s3cret"},
          {"token", "-x"},
          {"--nonsense", "token"},
          {"token", "--Cluster-ID", "c"},
          {"token", "--port", "1"},
          {"nonsense"},
          {"token", "-i"}}) {
        const Message message = refused(arguments);
        EXPECT_EQ(message.status, 1) << testing::PrintToString(arguments);
        EXPECT_THAT(message.err, HasSubstr("Error: "));
        EXPECT_THAT(message.err, testing::AnyOf(HasSubstr("\nUsage:\n"), HasSubstr("--help' for usage.\n")));
        EXPECT_THAT(message.err, Not(HasSubstr("s3cret")));
    }
}

TEST(CommandLine, HelpsWithStatusZero) {
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{}, {"-h"}, {"--help"}, {"help"}}) {
        const Message message = refused(arguments);
        EXPECT_EQ(message.status, 0);
        for (const char* command : {"server", "init", "token", "verify", "version"}) {
            EXPECT_THAT(message.out, HasSubstr(command));
        }
    }
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"token", "-h"}, {"token", "--help"}, {"help", "token"}}) {
        const Message message = refused(arguments);
        EXPECT_EQ(message.status, 0);
        EXPECT_THAT(message.out, HasSubstr("--cluster-id"));
        EXPECT_THAT(message.out, HasSubstr("KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID"));
        EXPECT_THAT(message.out, HasSubstr("--token-only"));
        EXPECT_THAT(message.out, Not(HasSubstr("--port")));
    }
    EXPECT_EQ(refused({"help", "nonsense"}).status, 1);
}

TEST(CommandLine, FindsTheCommandBehindFlagsThatLookLikeIt) {
    const auto line = parsed({"-i", "token", "--compat=arngate", "token", "-r", "verify"});
    EXPECT_EQ(line.command, Command::token);
    EXPECT_THAT(given(line, "clusterID"), ElementsAre("token"));
    EXPECT_THAT(given(line, "role"), ElementsAre("verify"));
    EXPECT_THAT(line.words, ElementsAre());
}

TEST(CommandLine, LetsTheLastFlagOfAKeyWin) {
    EXPECT_THAT(given(parsed({"-i", "a", "token", "--cluster-id=b", "-ic"}), "clusterID"), ElementsAre("c"));
    EXPECT_THAT(given(parsed({"token", "--token-only", "--token-only=false"}), "tokenOnly"), ElementsAre("false"));
}

TEST(CommandLine, KeepsFlagsThatSetNoKey) {
    const auto line = parsed({"version", "-o", "json", "-so", "yaml"});
    EXPECT_EQ(line.own_flag("output"), "yaml");
    EXPECT_EQ(line.own_flag("short"), "true");
    EXPECT_EQ(line.own_flag("nothing"), "");
    EXPECT_TRUE(line.request.overrides.empty());
}

TEST(CommandLine, NamesTheNearestCommandAndFlag) {
    EXPECT_THAT(refused({"tokne"}).err, HasSubstr("unknown command \"tokne\" for \"arngate\"; did you mean token?"));
    EXPECT_THAT(refused({"completion", "bsh"}).err, HasSubstr("did you mean bash?"));
    EXPECT_THAT(refused({"token", "--regoin", "x"}).err, HasSubstr("unknown flag: --regoin; did you mean --region?"));
    EXPECT_THAT(refused({"wholly-different"}).err, Not(HasSubstr("did you mean")));
}

TEST(CommandLine, WritesErrorsToBothStreamsUnderTheNameOfTheGoProgram) {
    const std::string name = "/usr/bin/aws-iam-authenticator";
    const Message flag = refused({"token", "--nonsense"}, name);
    EXPECT_EQ(flag.status, 1);
    EXPECT_EQ(flag.out, "unknown flag: --nonsense\n");
    EXPECT_THAT(flag.err, HasSubstr("Error: unknown flag: --nonsense\n"));
    EXPECT_THAT(flag.err, HasSubstr("\n  aws-iam-authenticator token [flags]\n"));
    EXPECT_THAT(flag.err, Not(HasSubstr("arngate token")));
    const Message command = refused({"nonsense"}, name);
    EXPECT_EQ(command.status, 1);
    EXPECT_EQ(command.out, "unknown command \"nonsense\" for \"aws-iam-authenticator\"\n");
    EXPECT_EQ(
        command.err,
        "Error: unknown command \"nonsense\" for \"aws-iam-authenticator\"\n"
        "Run 'aws-iam-authenticator --help' for usage.\n"
    );
    EXPECT_EQ(refused({"token", "--nonsense"}).out, "");
}

TEST(CommandLine, FollowsTheGoProgramWhereAHelpTopicIsUnknown) {
    const Message topic = refused({"help", "nonsense"}, "aws-iam-authenticator");
    EXPECT_EQ(topic.status, 0);
    EXPECT_EQ(topic.out, "");
    EXPECT_THAT(topic.err, HasSubstr("Unknown help topic"));
    EXPECT_EQ(refused({"completion", "nonsense"}, "aws-iam-authenticator").status, 0);
    EXPECT_EQ(refused({"completion", "nonsense"}).status, 1);
}

TEST(CommandLine, LetsHelpBeatWhatIsMissingButNotWhatIsWrong) {
    EXPECT_EQ(refused({"token", "-h"}).status, 0);
    EXPECT_EQ(refused({"token", "-h", "--nonsense"}).status, 1);
    EXPECT_EQ(parsed({"token", "--help=false"}).command, Command::token);
    EXPECT_EQ(parsed({"token", "--help", "--help=F"}).command, Command::token);
    EXPECT_THAT(refused({"completion"}).out, HasSubstr("powershell"));
    EXPECT_THAT(refused({"help", "completion", "zsh"}).out, HasSubstr("arngate completion zsh"));
}

TEST(CommandLine, IgnoresNoWordBehindTheEndOfFlags) {
    for (const auto& arguments :
         {std::vector<std::string>{"--", "token"}, {"add", "--", "user"}, {"completion", "--", "x"}}) {
        EXPECT_EQ(refused(arguments).status, 1);
        EXPECT_THAT(refused(arguments).err, HasSubstr("no command can stand behind"));
        EXPECT_EQ(refused(arguments, "aws-iam-authenticator").status, 0);
        EXPECT_THAT(refused(arguments, "aws-iam-authenticator").out, HasSubstr("Commands:"));
    }
    EXPECT_THAT(parsed({"add", "user", "--", "x", "--prompt"}).words, ElementsAre("x", "--prompt"));
}

TEST(CommandLine, KnowsTheFlagsOfAGroupBeforeTheRestOfItsWords) {
    EXPECT_EQ(parsed({"add", "--prompt", "user"}).command, Command::add_user);
    EXPECT_EQ(parsed({"add", "--kubeconfig", "role", "user"}).own_flag("kubeconfig"), "role");
    EXPECT_EQ(parsed({"--prompt=false", "add", "role"}).own_flag("prompt"), "false");
    EXPECT_EQ(parsed({"-c", "add", "add", "user"}).request.file, "add");
    EXPECT_THAT(refused({"add"}).out, HasSubstr("add COMMAND"));
    EXPECT_EQ(refused({"add"}).status, 0);
    EXPECT_THAT(refused({"add", "group"}).err, HasSubstr("unknown command \"group\" for \"arngate add\""));
    EXPECT_EQ(refused({"add", "group"}, "aws-iam-authenticator").status, 0);
    EXPECT_THAT(refused({"add", "role", "--userarn", "x"}).err, HasSubstr("unknown flag: --userarn"));
    EXPECT_THAT(refused({"add", "user", "--sso", "x"}).err, HasSubstr("unknown flag: --sso"));
    EXPECT_THAT(refused({"add", "user", "--prompt=maybe"}).err, HasSubstr("\"--prompt\" flag: expected true or false"));
}

}  // namespace
}  // namespace arngate::cli
