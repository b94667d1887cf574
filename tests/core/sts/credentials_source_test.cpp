#include "core/sts/credentials_source.hpp"

#include "tests/core/net/pool_fixture.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <chrono>
#include <expected>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::sts {
namespace {

using namespace std::chrono_literals;
using net::test::answer;
using net::test::far_away;
using net::test::Gate;
using net::test::read;
using net::test::run;
using net::test::Running;
using net::test::send;
using net::test::wait;

using Got = Result<CredentialsSource::Pointer>;

CredentialsSource::Pointer base_credentials() {
    aws::Credentials credentials;
    credentials.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    credentials.secret_access_key = Secret("base secret");
    return std::make_shared<const aws::Credentials>(std::move(credentials));
}

std::string role_answer(std::string_view key_id, std::string_view expiration) {
    return answer(
        200,
        fmt::format(
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>s"
            "</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{}</Expiration></Credentials>"
            "</AssumeRoleResult></AssumeRoleResponse>",
            key_id,
            expiration
        )
    );
}

TEST(LocalCredentials, AreReadAgainAfterAMinute) {
    boost::asio::io_context io{1};
    ManualClock clock;
    int reads = 0;
    LocalCredentials source(clock, [&reads]() -> std::expected<CredentialsSource::Pointer, std::string> {
        ++reads;
        return base_credentials();
    });
    EXPECT_EQ((*run<Got>(io, source.get(far_away())))->access_key_id, "AKIAIOSFODNN7EXAMPLE");
    clock.advance(59s);
    EXPECT_TRUE((run<Got>(io, source.get(far_away()))));
    EXPECT_EQ(reads, 1);
    clock.advance(1s);
    EXPECT_TRUE((run<Got>(io, source.get(far_away()))));
    EXPECT_EQ(reads, 2);
    source.invalidate();
    EXPECT_TRUE((run<Got>(io, source.get(far_away()))));
    EXPECT_EQ(reads, 3);
}

TEST(LocalCredentials, PassOnThatTheyWereRefused) {
    ManualClock clock;
    int refusals = 0;
    LocalCredentials source(
        clock,
        [] { return std::expected<CredentialsSource::Pointer, std::string>(base_credentials()); },
        [&refusals] { ++refusals; }
    );
    source.invalidate();
    EXPECT_EQ(refusals, 1);
}

TEST(LocalCredentials, SayWhyThereAreNone) {
    boost::asio::io_context io{1};
    ManualClock clock;
    bool there = true;
    LocalCredentials source(clock, [&there]() -> std::expected<CredentialsSource::Pointer, std::string> {
        if (there) {
            return base_credentials();
        }
        return std::unexpected("no AWS credentials found");
    });
    EXPECT_TRUE((run<Got>(io, source.get(far_away()))));
    there = false;
    clock.advance(1min);
    const Got gone = run<Got>(io, source.get(far_away()));
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().reason, Reason::sts_denied);
    EXPECT_EQ(gone.error().detail, "no AWS credentials found");
}

// A ManualClock begins at 2024-01-01T00:00:00Z.
class AssumedRoleTest : public net::test::PoolTest {
protected:
    AssumedRoleTest() {
        AssumedRoleOptions all;
        all.role.host = net::test::server_name;
        all.role.region = "us-east-1";
        all.role.role_arn = "arn:aws:iam::123456789012:role/Describer";
        all.role.session_name = "arngate";
        all.role.source_arn = "arn:aws:eks:us-east-1:123456789012:cluster/one";
        all.role.source_account = "123456789012";
        all.timeout = 5min;
        role = std::make_unique<AssumedRole>(io.get_executor(), clock, *pool, base, all);
    }

    [[nodiscard]] Got get() { return run<Got>(io, role->get(far_away())); }
    [[nodiscard]] std::string key_id() {
        const Got got = get();
        return got ? (*got)->access_key_id : got.error().detail;
    }

    ManualClock clock;
    std::unique_ptr<net::HttpsPool> pool = make_pool(options());
    bool base_fails = false;  ///< in a way that nobody expects
    LocalCredentials base{clock, [this] {
                              if (base_fails) {
                                  throw std::runtime_error("no memory, for one");
                              }
                              return std::expected<CredentialsSource::Pointer, std::string>(base_credentials());
                          }};
    std::unique_ptr<AssumedRole> role;
};

TEST_F(AssumedRoleTest, AssumesOnceAndSaysForWhom) {
    server.script({read(), send(role_answer("ASIAONE", "2024-01-01T01:00:00Z"))});
    EXPECT_EQ(key_id(), "ASIAONE");
    EXPECT_EQ(key_id(), "ASIAONE");
    ASSERT_EQ(server.requests().size(), 1U);
    const std::string& request = server.requests()[0];
    EXPECT_TRUE(request.starts_with("GET /?Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1234"));
    EXPECT_TRUE(request.contains("\r\nx-amz-source-arn: arn:aws:eks:us-east-1:123456789012:cluster/one\r\n"));
    EXPECT_TRUE(request.contains("\r\nx-amz-source-account: 123456789012\r\n"));
    EXPECT_TRUE(request.contains("SignedHeaders=host;x-amz-date;x-amz-source-account;x-amz-source-arn, Signature="));
    EXPECT_FALSE(request.contains("base secret"));
}

TEST_F(AssumedRoleTest, AssumesAgainBeforeTheEnd) {
    server.script(
        {read(),
         send(role_answer("ASIAONE", "2024-01-01T01:00:00Z")),
         read(),
         send(role_answer("ASIATWO", "2024-01-01T02:00:00Z"))}
    );
    EXPECT_EQ(key_id(), "ASIAONE");
    clock.advance(55min - 1s);
    EXPECT_EQ(key_id(), "ASIAONE");
    clock.advance(1s);
    EXPECT_EQ(key_id(), "ASIATWO");
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(AssumedRoleTest, UsesGoodOnesOnWhenFreshOnesCannotBeHad) {
    const std::string refusal = answer(403, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
    server.script(
        {read(), send(role_answer("ASIAONE", "2024-01-01T01:00:00Z")), read(), send(refusal), read(), send(refusal)}
    );
    EXPECT_EQ(key_id(), "ASIAONE");
    clock.advance(59min);
    EXPECT_EQ(key_id(), "ASIAONE");
    clock.advance(30s);
    EXPECT_EQ(key_id(), "AssumeRole was answered with 403 (AccessDenied)");
    EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(AssumedRoleTest, SharesTheCall) {
    Gate gate(io);
    server.script({read(), wait(gate), send(role_answer("ASIAONE", "2024-01-01T01:00:00Z"))});
    Running<Got> first(io, role->get(far_away()));
    Running<Got> second(io, role->get(far_away()));
    net::test::run_until(io, [this] { return server.requests().size() == 1; });
    gate.open();
    EXPECT_EQ((*first.get())->access_key_id, "ASIAONE");
    EXPECT_EQ((*second.get())->access_key_id, "ASIAONE");
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(AssumedRoleTest, SharesTheFailure) {
    Gate gate(io);
    server.script({read(), wait(gate), send(answer(503, ""))});
    Running<Got> first(io, role->get(far_away()));
    Running<Got> second(io, role->get(far_away()));
    net::test::run_until(io, [this] { return server.requests().size() == 1; });
    gate.open();
    EXPECT_EQ(first.get().error().reason, Reason::sts_unavailable);
    EXPECT_EQ(second.get().error().reason, Reason::sts_unavailable);
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(AssumedRoleTest, AnExceptionLeavesNobodyWaiting) {
    base_fails = true;
    EXPECT_THROW(static_cast<void>(get()), std::runtime_error);
    base_fails = false;
    server.script({read(), send(role_answer("ASIAONE", "2024-01-01T01:00:00Z"))});
    EXPECT_EQ(key_id(), "ASIAONE");
}

TEST_F(AssumedRoleTest, RefusesCredentialsThatAreOver) {
    server.script({read(), send(role_answer("ASIAONE", "2024-01-01T00:00:30Z"))});
    EXPECT_EQ(key_id(), "AssumeRole gave credentials that end too soon");
}

TEST_F(AssumedRoleTest, FetchesAnewWhenToldTo) {
    server.script(
        {read(),
         send(role_answer("ASIAONE", "2024-01-01T01:00:00Z")),
         read(),
         send(role_answer("ASIATWO", "2024-01-01T01:00:00Z"))}
    );
    EXPECT_EQ(key_id(), "ASIAONE");
    role->invalidate();
    EXPECT_EQ(key_id(), "ASIATWO");
}

}  // namespace
}  // namespace arngate::sts
