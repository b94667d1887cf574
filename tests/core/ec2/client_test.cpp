#include "core/ec2/client.hpp"

#include "tests/core/net/pool_fixture.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::ec2 {
namespace {

using namespace std::chrono_literals;
using Kind = DescribeError::Kind;
using net::test::answer;
using net::test::cut;
using net::test::far_away;
using net::test::read;
using net::test::run;
using net::test::send;

constexpr std::string_view one_instance =
    "<DescribeInstancesResponse><reservationSet><item><ownerId>123456789012</ownerId><instancesSet><item>"
    "<instanceId>i-01234567</instanceId><privateDnsName>ip-10-0-0-1.ec2.internal</privateDnsName></item></instancesSet>"
    "</item></reservationSet></DescribeInstancesResponse>";

/// Credentials as the test has them.
class FakeSource final : public sts::CredentialsSource {
public:
    boost::asio::awaitable<Result<Pointer>> get(Deadline) override {
        if (failure) {
            co_return std::unexpected(*failure);
        }
        auto credentials = std::make_shared<aws::Credentials>();
        credentials->access_key_id = "AKIAIOSFODNN7EXAMPLE";
        credentials->secret_access_key = Secret("a secret key");
        credentials->session_token = Secret("a-session-token");
        co_return credentials;
    }
    void invalidate() override { ++invalidated; }

    std::optional<Error> failure;
    int invalidated = 0;
};

class Ec2ClientTest : public net::test::PoolTest {
protected:
    Describer::Answer describe(std::vector<std::string> ids = {"i-01234567"}, Deadline deadline = far_away()) {
        return run<Describer::Answer>(io, client.describe(std::move(ids), deadline));
    }
    [[nodiscard]] std::uint64_t calls(std::string_view outcome) { return metrics_of->calls.with({outcome}).value(); }

    static ClientOptions client_options() {
        ClientOptions all;
        all.host = net::test::server_name;
        all.region = "us-east-1";
        all.timeout = 5min;
        return all;
    }
    static std::string refusal(std::string_view code) {
        return "<Response><Errors><Error><Code>" + std::string(code) +
               "</Code><Message>'i-01234567'</Message></Error></Errors><RequestID>r</RequestID></Response>";
    }

    ManualClock clock;
    FakeSource source;
    std::unique_ptr<net::HttpsPool> pool = make_pool(options());
    std::shared_ptr<ClientMetrics> metrics_of = std::make_shared<ClientMetrics>(registry);
    Client client{clock, *pool, source, client_options(), metrics_of};
};

TEST_F(Ec2ClientTest, SendsASignedRequest) {
    server.script({read(), send(answer(200, std::string(one_instance)))});
    const auto described = describe({"i-01234567", "i-89abcdef"});
    ASSERT_TRUE(described) << described.error().detail;
    ASSERT_EQ(described->instances.size(), 1U);
    EXPECT_EQ(described->instances[0].private_dns_name, "ip-10-0-0-1.ec2.internal");

    ASSERT_EQ(server.requests().size(), 1U);
    const std::string& request = server.requests()[0];
    EXPECT_TRUE(request.starts_with(
        "GET /?Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-01234567&InstanceId.2=i-89abcdef HTTP/1.1\r\n"
    ));
    EXPECT_TRUE(request.contains("\r\nx-amz-date: 20240101T000000Z\r\n"));
    EXPECT_TRUE(request.contains("\r\nx-amz-security-token: a-session-token\r\n"));
    EXPECT_TRUE(request.contains("Credential=AKIAIOSFODNN7EXAMPLE/20240101/us-east-1/ec2/aws4_request"));
    EXPECT_FALSE(request.contains("a secret key"));
    EXPECT_EQ(calls("ok"), 1U);
    EXPECT_EQ(metrics_of->started.value(), 1U);
    EXPECT_EQ(metrics_of->batch.count(), 1U);
    EXPECT_EQ(metrics_of->call_seconds.count(), 1U);
}

TEST_F(Ec2ClientTest, MakesEachCallOnce) {
    server.script({read(), send(answer(503, refusal("RequestLimitExceeded")))});
    const auto described = describe();
    ASSERT_FALSE(described);
    EXPECT_EQ(described.error().kind, Kind::throttled);
    EXPECT_EQ(described.error().detail, "EC2 answered 503 (RequestLimitExceeded)");
    EXPECT_EQ(server.requests().size(), 1U);
    EXPECT_EQ(calls("throttled"), 1U);
    EXPECT_EQ(source.invalidated, 0);
}

TEST_F(Ec2ClientTest, NamesWhatIsUnknown) {
    server.script({read(), send(answer(400, refusal("InvalidInstanceID.NotFound")))});
    const auto described = describe();
    ASSERT_FALSE(described);
    EXPECT_EQ(described.error().kind, Kind::unknown_instance);
    EXPECT_EQ(described.error().named, std::vector<std::string>{"i-01234567"});
    EXPECT_EQ(calls("unknown_instance"), 1U);
}

TEST_F(Ec2ClientTest, AsksForOtherCredentialsWhenTheseAreRefused) {
    server.script({read(), send(answer(401, refusal("AuthFailure")))});
    EXPECT_EQ(describe().error().kind, Kind::bad_credentials);
    EXPECT_EQ(source.invalidated, 1);
}

TEST_F(Ec2ClientTest, MakesNoCallWithoutCredentials) {
    const auto fails_as = [this](Reason reason) {
        source.failure = Error{.reason = reason, .detail = "why"};
        const auto described = describe();
        EXPECT_EQ(described.error().detail, "why");
        return described.error().kind;
    };
    EXPECT_EQ(fails_as(Reason::sts_denied), Kind::refused);
    EXPECT_EQ(fails_as(Reason::sts_throttled), Kind::throttled);
    EXPECT_EQ(fails_as(Reason::sts_unavailable), Kind::unavailable);
    EXPECT_EQ(fails_as(Reason::sts_unreachable), Kind::unavailable);
    EXPECT_EQ(fails_as(Reason::sts_bad_answer), Kind::bad_answer);
    EXPECT_EQ(server.accepted(), 0U);
    EXPECT_EQ(metrics_of->started.value(), 0U);
}

TEST_F(Ec2ClientTest, AConnectionThatBreaksIsNoAnswer) {
    server.script({read(), cut()});
    EXPECT_EQ(describe().error().kind, Kind::unavailable);
    EXPECT_EQ(describe({"i-01234567"}, Deadline(SteadyTime())).error().kind, Kind::unavailable);
    EXPECT_EQ(calls("unavailable"), 2U);
}

TEST_F(Ec2ClientTest, AnAnswerOfAnotherKindIsABadOne) {
    server.script({read(), send(answer(200, "{}"))});
    EXPECT_EQ(describe().error().kind, Kind::bad_answer);
    auto narrow = options();
    narrow.max_response_bytes = one_instance.size() - 1;
    pool = make_pool(narrow);
    Client other(clock, *pool, source, client_options(), metrics_of);
    server.script({read(), send(answer(200, std::string(one_instance)))});
    EXPECT_EQ((run<Describer::Answer>(io, other.describe({"i-01234567"}, far_away()))).error().kind, Kind::bad_answer);
}

}  // namespace
}  // namespace arngate::ec2
