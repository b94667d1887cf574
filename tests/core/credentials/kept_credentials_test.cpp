#include "core/credentials/kept_credentials.hpp"

#include "core/base/log.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>

namespace arngate::credentials {
namespace {

using namespace std::chrono_literals;

/// Stands for no end.
constexpr std::chrono::seconds forever{0};

class KeptCredentialsTest : public ::testing::Test {
protected:
    KeptCredentialsTest() {
        log::set_sink([](std::string_view) {});
    }
    ~KeptCredentialsTest() override { log::set_sink({}); }

    /// The id of what is given, or why nothing is. Ids count how often the service answered.
    std::string get() {
        const auto given = kept.get();
        return given ? (*given)->access_key_id : given.error();
    }

    ManualClock clock;
    int asked = 0;
    bool answers = true;
    std::chrono::seconds good_for = 1h;
    KeptCredentials kept{clock, [this]() -> std::expected<aws::Credentials, std::string> {
                             ++asked;
                             if (!answers) {
                                 return std::unexpected("silence");
                             }
                             aws::Credentials fresh;
                             fresh.access_key_id = fmt::format("id{}", asked);
                             if (good_for != forever) {
                                 fresh.expires_at = clock.wall() + good_for;
                             }
                             return fresh;
                         }};
};

TEST_F(KeptCredentialsTest, AreAskedForAgainFiveMinutesBeforeTheyEnd) {
    EXPECT_EQ(get(), "id1");
    clock.advance(55min - 1s);
    EXPECT_EQ(get(), "id1");
    clock.advance(1s);
    EXPECT_EQ(get(), "id2");
    EXPECT_EQ(asked, 2);
}

TEST_F(KeptCredentialsTest, AreGivenOnWhileFreshOnesCannotBeHad) {
    EXPECT_EQ(get(), "id1");
    answers = false;
    clock.advance(58min - 1s);
    EXPECT_EQ(get(), "id1");
    clock.advance(1s);
    EXPECT_EQ(get(), "silence");
    EXPECT_EQ(asked, 2) << "not again within ten seconds";
    answers = true;
    clock.advance(9s);
    EXPECT_EQ(get(), "id3");
}

TEST_F(KeptCredentialsTest, RememberAFailureForTenSeconds) {
    answers = false;
    EXPECT_EQ(get(), "silence");
    answers = true;
    clock.advance(9s);
    EXPECT_EQ(get(), "silence");
    EXPECT_EQ(asked, 1);
    clock.advance(1s);
    EXPECT_EQ(get(), "id2");
}

TEST_F(KeptCredentialsTest, AreAskedForAgainWhenTheyWereRefused) {
    EXPECT_EQ(get(), "id1");
    kept.refused();
    clock.advance(9s);
    EXPECT_EQ(get(), "id1") << "the service was asked less than ten seconds ago";
    clock.advance(1s);
    EXPECT_EQ(get(), "id2");
    clock.advance(10s);
    EXPECT_EQ(get(), "id2");
}

TEST_F(KeptCredentialsTest, AreNotGivenWhenTheyEndTooSoon) {
    good_for = 2min;
    EXPECT_EQ(get(), "credentials that end too soon");
    good_for = 2min + 1s;
    clock.advance(10s);
    EXPECT_EQ(get(), "id2");
}

TEST_F(KeptCredentialsTest, AreReadEachTimeWhereTheyDoNotEnd) {
    good_for = forever;
    EXPECT_EQ(get(), "id1");
    EXPECT_EQ(get(), "id2");
    answers = false;
    EXPECT_EQ(get(), "silence") << "they were taken away";
    answers = true;
    EXPECT_EQ(get(), "silence") << "not again within ten seconds";
    clock.advance(10s);
    EXPECT_EQ(get(), "id4");
}

}  // namespace
}  // namespace arngate::credentials
