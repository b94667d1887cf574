#include "core/base/child_process.hpp"

#include "core/base/no_signals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <stop_token>
#include <string>
#include <vector>

namespace arngate {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::string said(const std::vector<std::string>& words, const ChildOptions& options = {}) {
    const auto output = run_program(words, options);
    return output ? std::string(output->expose()) : "error: it " + output.error().what;
}

TEST(ChildProcess, GivesWhatTheProgramWrites) {
    EXPECT_EQ(said({"printf", "%s", "a b"}), "a b");
    EXPECT_EQ(said({"printf", "%s|", "$HOME", "*", ";"}), "$HOME|*|;|");
}

TEST(ChildProcess, SaysHowItFailed) {
    EXPECT_EQ(said({}), "error: it has no name");
    EXPECT_THAT(said({"/nonexistent/program"}), HasSubstr("cannot be started: No such file"));
    EXPECT_EQ(said({"sh", "-c", "echo secret; exit 3"}), "error: it ended with status 3");
    EXPECT_EQ(said({"sh", "-c", "kill -9 $$"}), "error: it was ended by a signal");
}

TEST(ChildProcess, BoundsWhatItReads) {
    ChildOptions options;
    options.max_output_bytes = 10;
    EXPECT_EQ(said({"printf", "1234567890"}, options), "1234567890");
    EXPECT_EQ(said({"printf", "12345678901"}, options), "error: it wrote more than 10 bytes");
    EXPECT_EQ(said({"cat", "/dev/zero"}, options), "error: it wrote more than 10 bytes");
}

TEST(ChildProcess, EndsAProgramThatDoesNotEnd) {
    ChildOptions options;
    options.limit = 20ms;
    EXPECT_EQ(said({"sleep", "1000"}, options), "error: it did not end within 20 ms");
    // It closes its output and stays.
    EXPECT_EQ(said({"sh", "-c", "exec >&-; exec sleep 1000"}, options), "error: it did not end within 20 ms");
}

TEST(ChildProcess, StopsWhenAsked) {
    std::stop_source stop;
    stop.request_stop();
    ChildOptions options;
    options.stop = stop.get_token();
    EXPECT_EQ(said({"sleep", "1000"}, options), "error: it was stopped");
}

TEST(ChildProcess, KnowsWhetherThereIsSuchAProgram) {
    const auto is_missing = [](const std::string& program) {
        const auto output = run_program({program}, {});
        return !output && output.error().is_missing;
    };
    EXPECT_TRUE(is_missing("/nonexistent/program"));
    EXPECT_FALSE(is_missing("/etc/passwd"));
    EXPECT_FALSE(is_missing("false"));
}

TEST(ChildProcess, HasNothingToReadUnlessItIsToShareOurs) {
    EXPECT_EQ(said({"cat"}), "");
}

TEST(ChildProcess, HasTheEnvironmentThatItIsGiven) {
    ChildOptions options;
    EXPECT_NE(said({"sh", "-c", "echo $PATH"}), "\n");
    options.environment = std::vector<std::string>{"A=1", "B=x y"};
    EXPECT_EQ(said({"env"}, options), "A=1\nB=x y\n");
    options.environment->clear();
    EXPECT_EQ(said({"env"}, options), "");
}

// A server ignores SIGPIPE, and its threads take no signals.
TEST(ChildProcess, StartsWithTheSignalsOfAShell) {
    auto* const before = std::signal(SIGPIPE, SIG_IGN);
    const NoSignals blocked;
    EXPECT_EQ(said({"sh", "-c", "kill -TERM $$"}), "error: it was ended by a signal");
    EXPECT_EQ(said({"sh", "-c", "kill -PIPE $$"}), "error: it was ended by a signal");
    std::signal(SIGPIPE, before);
}

}  // namespace
}  // namespace arngate
