#include "tests/daemon/cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace arngate::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string content(const std::string& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
}

class KubeconfigCommand : public testing::Test {
protected:
    Result run(const std::vector<std::string>& flags) {
        std::vector<std::string> arguments{"arngate", "kubeconfig"};
        arguments.insert(arguments.end(), flags.begin(), flags.end());
        return program_.run(arguments);
    }
    Program program_;
    std::string home_file_ = program_.directory() + "/.kube/config";
};

TEST_F(KubeconfigCommand, WritesAUserThatRunsToken) {
    const Result first = run({"-i", "prod"});
    EXPECT_EQ(first.status, 0) << first.err;
    EXPECT_EQ(first.out, home_file_ + " now has: user prod\n");
    EXPECT_THAT(content(home_file_), AllOf(HasSubstr("command: arngate"), Not(HasSubstr("contexts"))));
    EXPECT_EQ(run({"-i", "prod"}).out, home_file_ + " has already: user prod\n");
}

TEST_F(KubeconfigCommand, HandsTheFlagsOfTokenOn) {
    const Result shown = run(
        {"-i",
         "prod",
         "--dry-run",
         "--region",
         "eu-west-1",
         "-r",
         "arn:aws:iam::123456789012:role/Ops",
         "-e",
         "x",
         "-s",
         "me",
         "--cache",
         "--cache-token",
         "--expiry-margin",
         "30s",
         "--profile",
         "work",
         "--command",
         "/opt/arngate"}
    );
    EXPECT_EQ(shown.status, 0) << shown.err;
    for (const char* word :
         {"- eu-west-1",
          "role/Ops",
          "- --external-id",
          "- me",
          "- --cache\n",
          "- --cache-token",
          "- 30s",
          "value: work",
          "command: /opt/arngate"}) {
        EXPECT_THAT(shown.out, HasSubstr(word));
    }
    EXPECT_FALSE(std::filesystem::exists(home_file_));
}

TEST_F(KubeconfigCommand, WritesClusterAndContextToTheFileOfTheVariable) {
    const std::string ca = program_.file("ca.pem", "-----BEGIN CERTIFICATE-----\n");
    const std::string file = program_.directory() + "/one";
    program_.set("KUBECONFIG", ":" + file + ":" + program_.directory() + "/two");
    EXPECT_EQ(
        run({"-i", "prod", "--server", "https://prod.example", "--ca-file", ca, "--namespace", "team"}).status, 0
    );
    EXPECT_THAT(
        content(file),
        AllOf(
            HasSubstr("certificate-authority: " + ca), HasSubstr("namespace: team"), HasSubstr("current-context: prod")
        )
    );
    EXPECT_EQ(
        run({"-i", "prod", "--cluster", "prod", "--user", "u", "--context", "c", "--set-current=false"}).status, 0
    );
    EXPECT_THAT(content(file), AllOf(HasSubstr("user: u"), HasSubstr("current-context: prod")));
}

TEST_F(KubeconfigCommand, RefusesFlagsThatDoNotGoTogether) {
    const std::string no_ca = program_.file("empty.pem", "");
    for (const std::vector<std::string>& flags : std::vector<std::vector<std::string>>{
             {},
             {"-i", "c", "--context", "x"},
             {"-i", "c", "--namespace", "x"},
             {"-i", "c", "--ca-data", "QUJD"},
             {"-i", "c", "--server", "http://c.example"},
             {"-i", "c", "--server", "https://c.example", "--ca-data", "Q"},
             {"-i", "c", "--server", "https://c.example", "--ca-data", "QU=D"},
             {"-i", "c", "--server", "https://c.example", "--ca-data", "QUJD", "--ca-file", no_ca},
             {"-i", "c", "--server", "https://c.example", "--ca-file", no_ca},
             {"-i", "c", "--server", "https://c.example", "--ca-file", no_ca + "x"},
             {"-i", "c", "--cluster", "nowhere"},
             {"-i", "c", "--user", "a\nb"},
             {"-i", "c", "-s", "x", "--forward-session-name"}
         }) {
        const Result result = run(flags);
        EXPECT_EQ(result.status, 1) << testing::PrintToString(flags);
        EXPECT_THAT(result.out, IsEmpty());
        EXPECT_THAT(result.err, HasSubstr("Error: "));
    }
    EXPECT_FALSE(std::filesystem::exists(home_file_));
    program_.unset("HOME");
    EXPECT_THAT(run({"-i", "c"}).err, HasSubstr("KUBECONFIG"));
}

}  // namespace
}  // namespace arngate::cli
