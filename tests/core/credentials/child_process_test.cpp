#include "core/credentials/child_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

namespace arngate::credentials {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::string said(const std::vector<std::string>& words, const ChildOptions& options = {}) {
    const auto output = run_program(words, options);
    return output ? std::string(output->expose()) : "error: " + output.error();
}

TEST(ChildProcess, GivesWhatTheProgramWrites) {
    EXPECT_EQ(said({"printf", "%s", "a b"}), "a b");
    EXPECT_EQ(said({"printf", "%s|", "$HOME", "*", ";"}), "$HOME|*|;|");
}

TEST(ChildProcess, SaysHowItFailed) {
    EXPECT_EQ(said({}), "error: it names no program");
    EXPECT_THAT(said({"/nonexistent/program"}), HasSubstr("cannot be started: No such file"));
    EXPECT_EQ(said({"sh", "-c", "echo secret; exit 3"}), "error: the program ended with status 3");
    EXPECT_EQ(said({"sh", "-c", "kill -9 $$"}), "error: the program was ended by a signal");
}

TEST(ChildProcess, BoundsWhatItReads) {
    ChildOptions options;
    options.max_output_bytes = 10;
    EXPECT_EQ(said({"printf", "1234567890"}, options), "1234567890");
    EXPECT_EQ(said({"printf", "12345678901"}, options), "error: the program wrote more than 10 bytes");
    EXPECT_EQ(said({"cat", "/dev/zero"}, options), "error: the program wrote more than 10 bytes");
}

TEST(ChildProcess, EndsAProgramThatDoesNotEnd) {
    ChildOptions options;
    options.limit = 20ms;
    EXPECT_EQ(said({"sleep", "1000"}, options), "error: the program did not end within 20 ms");
    // It closes its output and stays.
    EXPECT_EQ(said({"sh", "-c", "exec >&-; exec sleep 1000"}, options), "error: the program did not end within 20 ms");
}

TEST(ChildProcess, StopsWhenAsked) {
    std::stop_source stop;
    stop.request_stop();
    ChildOptions options;
    options.stop = stop.get_token();
    EXPECT_EQ(said({"sleep", "1000"}, options), "error: stopped");
}

TEST(ChildProcess, HasNothingToReadInAServer) {
    EXPECT_EQ(said({"cat"}), "");
}

}  // namespace
}  // namespace arngate::credentials
