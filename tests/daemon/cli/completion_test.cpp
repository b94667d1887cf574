#include "daemon/cli/completion.hpp"

#include "daemon/cli/command_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace arngate::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A file with the text, gone with the object.
class Script {
public:
    explicit Script(const std::string& text) {
        path_ = testing::TempDir() + "arngate-completion-XXXXXX";
        std::fclose(::fdopen(::mkstemp(path_.data()), "w"));
        std::ofstream(path_) << text;
    }
    Script(const Script&) = delete;
    Script& operator=(const Script&) = delete;
    ~Script() { std::filesystem::remove(path_); }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

std::string output_of(const std::string& command) {
    std::string out;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) {
        return "no shell";
    }
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
        out += static_cast<char>(c);
    }
    ::pclose(pipe);
    return out;
}

bool has_shell(const std::string& name) {
    return output_of("command -v " + name) != "";
}

/// What bash offers for the words; the last one is being written.
std::string offered_by_bash(const std::string& words) {
    const Script completion(completion_script("bash", "arngate"));
    const Script asking(
        "source " + completion.path() + "\nCOMP_WORDS=(" + words +
        ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_arngate\necho \"${COMPREPLY[*]}\"\n"
    );
    return output_of("bash " + asking.path() + " 2>&1");
}

TEST(Completion, OffersWhatTheWordsSoFarAllowInBash) {
    EXPECT_EQ(offered_by_bash("arngate ser"), "server\n");
    EXPECT_EQ(offered_by_bash("arngate token --regi"), "--region\n");
    EXPECT_EQ(offered_by_bash("arngate server --regi"), "\n");
    EXPECT_EQ(offered_by_bash("arngate -i token ver"), "verify version\n");
    EXPECT_EQ(offered_by_bash("arngate token --region x --token-o"), "--token-only\n");
    EXPECT_EQ(offered_by_bash("arngate --compat ''"), "arngate reference\n");
    EXPECT_EQ(offered_by_bash("arngate --compat = r"), "reference\n");
    EXPECT_EQ(offered_by_bash("arngate --compat ="), "arngate reference\n");
    EXPECT_EQ(offered_by_bash("arngate completion ''"), "bash zsh fish powershell\n");
    EXPECT_EQ(offered_by_bash("arngate token --region ''"), "\n");
    EXPECT_EQ(offered_by_bash("arngate -c /dev/nul"), "/dev/null\n");
}

TEST(Completion, KnowsEveryCommandAndFlagInEveryShell) {
    for (const char* shell : {"bash", "zsh", "fish", "powershell"}) {
        const std::string script = completion_script(shell, "arngate");
        for (const CommandInfo& command : commands()) {
            EXPECT_THAT(script, HasSubstr(std::string(command.name.substr(command.name.rfind(' ') + 1)))) << shell;
            for (const Flag& flag : flags_of(command)) {
                const std::string name(flag.name);
                EXPECT_THAT(script, HasSubstr(std::string(shell) == "fish" ? "-l " + name : "--" + name)) << shell;
            }
        }
    }
    EXPECT_EQ(completion_script("tcsh", "arngate"), "");
}

TEST(Completion, IsWrittenInTheLanguageOfTheShell) {
    const struct {
        const char* shell;
        const char* check;
    } shells[]{{"bash", "bash -n "}, {"zsh", "zsh -n "}, {"fish", "fish --no-execute "}};
    for (const auto& [shell, check] : shells) {
        if (has_shell(shell)) {
            const Script script(completion_script(shell, "aws-iam-authenticator"));
            EXPECT_EQ(output_of(check + script.path() + " 2>&1"), "") << shell;
        }
    }
}

TEST(Completion, OffersTheSameInFish) {
    if (!has_shell("fish")) {
        GTEST_SKIP() << "fish is not installed";
    }
    const Script script(completion_script("fish", "arngate"));
    const auto offered = [&](const std::string& line) {
        return output_of(
            "HOME=/nonexistent fish --no-config -c 'source " + script.path() + "; complete -C \"" + line +
            "\"' 2>/dev/null"
        );
    };
    EXPECT_THAT(offered("arngate ser"), testing::StartsWith("server\t"));
    EXPECT_THAT(offered("arngate token --regi"), testing::StartsWith("--region\t"));
    EXPECT_EQ(offered("arngate server --regi"), "");
    EXPECT_THAT(offered("arngate completion z"), testing::StartsWith("zsh\t"));
}

TEST(Completion, IsForTheNameOfTheProgram) {
    EXPECT_THAT(completion_script("bash", "aws-iam-authenticator"), HasSubstr("\ncomplete -F _aws_iam_authenticator "));
    for (const char* name : {"", "-x", "a b", "a;b", "$(x)", "a\nb", "a'b", "a/b"}) {
        for (const char* shell : {"bash", "zsh", "fish", "powershell"}) {
            const std::string script = completion_script(shell, name);
            EXPECT_EQ(script, completion_script(shell, "arngate")) << name;
        }
    }
}

}  // namespace
}  // namespace arngate::cli
