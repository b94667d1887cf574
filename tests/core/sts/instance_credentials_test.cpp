#include "core/sts/instance_credentials.hpp"

#include "core/base/log.hpp"
#include "tests/core/net/metadata_service.hpp"
#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::sts {
namespace {

using namespace std::chrono_literals;
using net::test::MetadataService;
using net::test::ok;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::chrono::milliseconds patient{30'000};
constexpr std::string_view not_found = "HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\nnobody";

std::string document(
    std::string_view code = R"("Success")",
    std::string_view key = R"("ASIAINSTANCEEXAMPLE0")",
    std::string_view secret = R"("the secret")",
    std::string_view token = R"("the-token==")",
    std::string_view expiration = R"("2026-01-02T03:04:05Z")"
) {
    return fmt::format(
        R"({{"Code":{},"LastUpdated":"2026-01-01T21:00:00Z","Type":"AWS-HMAC","AccessKeyId":{},"SecretAccessKey":{},)"
        R"("Token":{},"Expiration":{}}})",
        code,
        key,
        secret,
        token,
        expiration
    );
}

std::string good() {
    return document(R"("Success")", R"("ASIAINSTANCEEXAMPLE0")", R"("secret/of+it")");
}

std::string trouble(std::string body) {
    const auto credentials = parse_instance_credentials(body);
    EXPECT_TRUE(body.empty());
    return credentials ? "none" : credentials.error();
}

TEST(InstanceCredentialsAnswer, GivesCredentialsWithTheirEnd) {
    std::string body = good();
    const auto credentials = parse_instance_credentials(body);
    ASSERT_TRUE(credentials) << credentials.error();
    EXPECT_EQ(credentials->access_key_id, "ASIAINSTANCEEXAMPLE0");
    EXPECT_EQ(credentials->secret_access_key.expose(), "secret/of+it");
    EXPECT_EQ(credentials->session_token.expose(), "the-token==");
    EXPECT_EQ(credentials->expires_at, std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 3h + 4min + 5s);
    EXPECT_EQ(credentials->source, "instance metadata");
    EXPECT_TRUE(body.empty());
}

TEST(InstanceCredentialsAnswer, IsRefusedInAnyOtherForm) {
    EXPECT_THAT(trouble(""), HasSubstr("no JSON object"));
    EXPECT_THAT(trouble("[]"), HasSubstr("no JSON object"));
    EXPECT_THAT(trouble(good() + "x"), HasSubstr("no JSON object"));
    EXPECT_THAT(trouble(good().substr(0, good().size() - 1)), HasSubstr("no JSON object"));
    EXPECT_THAT(trouble("{}"), HasSubstr("documented form"));
    EXPECT_THAT(trouble(R"({"Code":"AssumeRoleUnauthorizedAccess"})"), HasSubstr("documented form"));
    EXPECT_THAT(trouble(R"({"Token":"other",)" + good().substr(1)), HasSubstr("documented form"));
    EXPECT_THAT(trouble(document("1")), HasSubstr("documented form"));
    EXPECT_THAT(trouble(document("null")), HasSubstr("documented form"));
    EXPECT_THAT(trouble(document(R"("success")")), HasSubstr("as their Code says"));
    EXPECT_THAT(trouble(document(R"("Success")", R"("")")), HasSubstr("an access key id"));
    EXPECT_THAT(trouble(document(R"("Success")", R"("A/B")")), HasSubstr("an access key id"));
    EXPECT_THAT(trouble(document()), HasSubstr("a secret access key"));
    EXPECT_THAT(trouble(document(R"("Success")", R"("A")", R"("s")", R"("a\r\nX: b")")), HasSubstr("a session token"));
    EXPECT_THAT(
        trouble(document(R"("Success")", R"("A")", R"("s")", R"("t")", R"("tomorrow")")), HasSubstr("an expiration")
    );
}

TEST(InstanceCredentialsAnswer, BoundsTheSessionToken) {
    const auto with_token = [](std::size_t size) {
        return document(R"("Success")", R"("A")", R"("s")", '"' + std::string(size, 't') + '"');
    };
    EXPECT_EQ(trouble(with_token(16U * 1024)), "none");
    EXPECT_THAT(trouble(with_token((16U * 1024) + 1)), HasSubstr("a session token"));
}

std::string asked(std::vector<std::string> answers) {
    MetadataService service(std::move(answers));
    const auto credentials = ask_instance_credentials(service.where(), patient);
    return credentials ? credentials->access_key_id : credentials.error();
}

TEST(InstanceCredentialsQuestion, AsksForTheRoleAndItsCredentialsInASession) {
    MetadataService service({ok("session"), ok("node+role@x\nanother"), ok(good())});
    const auto credentials = ask_instance_credentials(service.where(), patient);
    ASSERT_TRUE(credentials) << credentials.error();
    EXPECT_EQ(credentials->access_key_id, "ASIAINSTANCEEXAMPLE0");
    const auto& requests = service.requests();
    EXPECT_THAT(requests[0], StartsWith("PUT /latest/api/token "));
    EXPECT_THAT(requests[1], StartsWith("GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\n"));
    EXPECT_THAT(requests[2], StartsWith("GET /latest/meta-data/iam/security-credentials/node+role@x HTTP/1.1\r\n"));
    for (const std::string& request : {requests[1], requests[2]}) {
        EXPECT_THAT(request, HasSubstr("\r\nX-aws-ec2-metadata-token: session\r\n"));
    }
}

TEST(InstanceCredentialsQuestion, SaysWhichRequestFailed) {
    const std::string no(not_found);
    EXPECT_EQ(asked({no}), "no session: status 404");
    EXPECT_EQ(asked({ok("s"), no}), "no role: status 404");
    EXPECT_EQ(asked({ok("s"), ok("role"), no}), "no credentials of the role: status 404");
    EXPECT_THAT(asked({ok("s"), ok("role"), ok("secret?")}), HasSubstr("no JSON object"));
}

TEST(InstanceCredentialsQuestion, GoesToNoOtherPath) {
    for (const char* role : {"", "..", ".", "a/b", "a b", "a\rb", "a?b", "a%2fb", "\nrole"}) {
        EXPECT_EQ(asked({ok("s"), ok(role)}), "a role that is no name of one") << role;
    }
    EXPECT_EQ(asked({ok("s"), ok(std::string(64, 'r')), ok(good())}), "ASIAINSTANCEEXAMPLE0");
    EXPECT_EQ(asked({ok("s"), ok(std::string(65, 'r'))}), "a role that is no name of one");
}

TEST(InstanceCredentialsQuestion, BoundsWhatItReads) {
    const std::string room(32U * 1024 - good().size(), ' ');
    EXPECT_EQ(asked({ok("s"), ok("r"), ok(good() + room)}), "ASIAINSTANCEEXAMPLE0");
    EXPECT_THAT(asked({ok("s"), ok("r"), ok(good() + room + ' ')}), HasSubstr("too long"));
    EXPECT_THAT(asked({ok("s"), ok("r\n" + std::string(1023, 'x'))}), HasSubstr("too long"));
}

class InstanceCredentialsTest : public ::testing::Test {
protected:
    InstanceCredentialsTest() {
        log::set_sink([](std::string_view) {});
    }
    ~InstanceCredentialsTest() override { log::set_sink({}); }

    /// The id of what is given, or why nothing is. Ids count how often the service answered.
    std::string get() {
        const auto given = credentials.get();
        return given ? (*given)->access_key_id : given.error();
    }

    ManualClock clock;
    int asked = 0;
    bool answers = true;
    std::chrono::seconds good_for = 1h;
    InstanceCredentials credentials{clock, [this]() -> std::expected<aws::Credentials, std::string> {
                                        ++asked;
                                        if (!answers) {
                                            return std::unexpected("silence");
                                        }
                                        aws::Credentials fresh;
                                        fresh.access_key_id = fmt::format("id{}", asked);
                                        fresh.expires_at = clock.wall() + good_for;
                                        return fresh;
                                    }};
};

TEST_F(InstanceCredentialsTest, AreAskedForAgainFiveMinutesBeforeTheyEnd) {
    EXPECT_EQ(get(), "id1");
    clock.advance(55min - 1s);
    EXPECT_EQ(get(), "id1");
    clock.advance(1s);
    EXPECT_EQ(get(), "id2");
    EXPECT_EQ(asked, 2);
}

TEST_F(InstanceCredentialsTest, AreGivenOnWhileFreshOnesCannotBeHad) {
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

TEST_F(InstanceCredentialsTest, RememberAFailureForTenSeconds) {
    answers = false;
    EXPECT_EQ(get(), "silence");
    answers = true;
    clock.advance(9s);
    EXPECT_EQ(get(), "silence");
    EXPECT_EQ(asked, 1);
    clock.advance(1s);
    EXPECT_EQ(get(), "id2");
}

TEST_F(InstanceCredentialsTest, AreAskedForAgainWhenTheyWereRefused) {
    EXPECT_EQ(get(), "id1");
    credentials.refused();
    clock.advance(9s);
    EXPECT_EQ(get(), "id1") << "the service was asked less than ten seconds ago";
    clock.advance(1s);
    EXPECT_EQ(get(), "id2");
    clock.advance(10s);
    EXPECT_EQ(get(), "id2");
}

TEST_F(InstanceCredentialsTest, AreNotGivenWhenTheyEndTooSoon) {
    good_for = 2min;
    EXPECT_EQ(get(), "credentials that end too soon");
    good_for = 2min + 1s;
    clock.advance(10s);
    EXPECT_EQ(get(), "id2");
}

}  // namespace
}  // namespace arngate::sts
