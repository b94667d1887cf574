#include "core/credentials/terminal_prompt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <thread>

namespace arngate::credentials {
namespace {

using testing::HasSubstr;
using testing::Not;

/// What a person at a terminal sees who waits for the prompt and types.
struct Typed {
    std::expected<Secret, std::string> code;
    std::string seen;
};

Typed type(const std::string& keys) {
    const int person = ::posix_openpt(O_RDWR | O_NOCTTY);
    EXPECT_EQ(::grantpt(person), 0);
    EXPECT_EQ(::unlockpt(person), 0);
    std::array<char, 128> name{};
    EXPECT_EQ(::ptsname_r(person, name.data(), name.size()), 0);
    std::string seen;
    std::thread typing([&] {
        std::array<char, 256> bytes{};
        while (!seen.ends_with(": ")) {
            const ssize_t count = ::read(person, bytes.data(), bytes.size());
            if (count <= 0) {
                return;
            }
            seen.append(bytes.data(), static_cast<std::size_t>(count));
        }
        EXPECT_EQ(::write(person, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
    });
    // Kept open, so that what is shown last is not lost with the terminal's end.
    const int kept = ::open(name.data(), O_RDWR | O_NOCTTY);
    Typed result{.code = terminal_prompt(name.data())("arn:aws:iam::123456789012:mfa/\x1b[me"), .seen = {}};
    typing.join();
    std::array<char, 256> bytes{};
    const ssize_t count = ::read(person, bytes.data(), bytes.size());
    seen.append(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    result.seen = seen;
    ::close(kept);
    ::close(person);
    return result;
}

TEST(TerminalPrompt, AsksAndDoesNotShowTheCode) {
    const Typed typed = type("123456\n");
    ASSERT_TRUE(typed.code) << typed.code.error();
    EXPECT_EQ(typed.code->expose(), "123456");
    EXPECT_THAT(typed.seen, HasSubstr("MFA code of arn:aws:iam::123456789012:mfa/?[me: "));
    EXPECT_THAT(typed.seen, Not(HasSubstr("123456\r")));
}

TEST(TerminalPrompt, TakesNothingElse) {
    EXPECT_FALSE(type("\n").code);
    EXPECT_FALSE(type("12345\n").code);
    EXPECT_FALSE(type("12345x\n").code);
}

TEST(TerminalPrompt, SaysThatThereIsNoTerminal) {
    EXPECT_THAT(terminal_prompt("/nonexistent")("m").error(), HasSubstr("no terminal"));
    EXPECT_THAT(terminal_prompt("/dev/null")("m").error(), HasSubstr("no terminal"));
}

}  // namespace
}  // namespace arngate::credentials
