#include "core/sts/client.hpp"

#include "core/base/text.hpp"
#include "tests/core/net/pool_fixture.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace arngate::sts {
namespace {

using net::test::answer;
using net::test::cut;
using net::test::read;
using net::test::send;

constexpr std::string_view signature = "f00dfeedf00dfeedf00dfeedf00dfeedf00dfeedf00dfeedf00dfeedf00dfeed";
constexpr std::string_view session_token = "5e551047046e";
constexpr std::string_view good_body =
    R"({"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Account":"123456789012",)"
    R"("Arn":"arn:aws:sts::123456789012:assumed-role/Admin/alice","UserId":"AROAEXAMPLE:alice"}}})";
constexpr std::string_view throttled_body = R"({"Error":{"Code":"Throttling","Message":"Rate exceeded"}})";

const aws::StsHostTable& hosts() {
    static const auto table = aws::StsHostTable::build({});
    if (!table) {
        throw std::runtime_error(table.error());
    }
    return *table;
}

token::PresignedUrl presigned() {
    const std::string url = fmt::format(
        "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260102%2Fus-east-1%2Fsts%2Faws4_request"
        "&X-Amz-Date=20260102T030405Z&X-Amz-Expires=60&X-Amz-Security-Token={}"
        "&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature={}",
        session_token,
        signature
    );
    const std::string token = std::string(token::token_prefix) + text::base64url_encode(url);
    using namespace std::chrono;
    const WallTime now = sys_days(2026y / January / 2) + 3h + 4min + 6s;
    auto parsed = token::PresignedUrl::parse(token, {.hosts = &hosts()}, now);
    if (!parsed) {
        throw std::runtime_error(parsed.error().detail);
    }
    return std::move(*parsed);
}

class StsClientTest : public net::test::PoolTest {
protected:
    [[nodiscard]] static ClientOptions client_options() {
        ClientOptions all;
        all.cluster_id = "cluster-one";
        all.retry.first_pause = std::chrono::milliseconds(0);
        all.attempt_timeout = std::chrono::minutes(5);
        return all;
    }

    [[nodiscard]] Result<CallerIdentity> verify(
        const ClientOptions& all = client_options(), Deadline deadline = net::test::far_away()
    ) {
        Client client(*pool, all, client_metrics, governor);
        return net::test::run(io, client.verify(url, deadline));
    }

    void expect_reason(const Result<CallerIdentity>& result, Reason reason) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().reason, reason) << result.error().detail;
        EXPECT_FALSE(result.error().detail.contains(signature)) << result.error().detail;
        EXPECT_FALSE(result.error().detail.contains(session_token)) << result.error().detail;
        EXPECT_FALSE(result.error().detail.contains("AKIA")) << result.error().detail;
        EXPECT_EQ(calls(label(reason)), 1U);
    }

    [[nodiscard]] std::uint64_t responses(std::string_view status) const {
        return client_metrics->responses.with({status, "us-east-1"}).value();
    }
    [[nodiscard]] std::uint64_t calls(std::string_view outcome) const {
        return client_metrics->calls.with({"us-east-1", outcome}).value();
    }
    [[nodiscard]] std::uint64_t connection_failures() const {
        return client_metrics->connection_failures.with({"us-east-1"}).value();
    }
    [[nodiscard]] std::uint64_t throttling() const { return client_metrics->throttling.with({"us-east-1"}).value(); }

    std::shared_ptr<ClientMetrics> client_metrics = std::make_shared<ClientMetrics>(registry);
    std::shared_ptr<Governor> governor;
    std::unique_ptr<net::HttpsPool> pool = make_pool(options());
    token::PresignedUrl url = presigned();
};

TEST_F(StsClientTest, SendsTheRebuiltUrlWithOurClusterId) {
    server.script({read(), send(answer(200, std::string(good_body)))});
    const auto result = verify();
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_EQ(result->mapping_key, "arn:aws:iam::123456789012:role/admin");
    EXPECT_EQ(result->session_name, "alice");
    EXPECT_EQ(result->access_key_id, "AKIAIOSFODNN7EXAMPLE");
    EXPECT_EQ(result->sts_host, "sts.us-east-1.amazonaws.com");

    ASSERT_EQ(server.requests().size(), 1U);
    const std::string& request = server.requests()[0];
    EXPECT_TRUE(request.starts_with(fmt::format("GET {} HTTP/1.1\r\n", url.request_target().expose())));
    EXPECT_TRUE(request.contains("\r\nHost: sts.us-east-1.amazonaws.com\r\n"));
    EXPECT_TRUE(request.contains("\r\nx-k8s-aws-id: cluster-one\r\n"));
    EXPECT_TRUE(request.contains("\r\naccept: application/json\r\n"));
    EXPECT_TRUE(request.contains("\r\nUser-Agent: arngate/"));
    EXPECT_FALSE(text::to_lower(request).contains("accept-encoding"));

    EXPECT_EQ(responses("200"), 1U);
    EXPECT_EQ(calls("ok"), 1U);
    EXPECT_EQ(client_metrics->call_seconds.count(), 1U);
    EXPECT_EQ(client_metrics->retries.value(), 0U);
    EXPECT_EQ(client_metrics->in_flight.value(), 0);
}

TEST_F(StsClientTest, ARefusalIsFinal) {
    server.script({read(), send(answer(403, R"({"Error":{"Code":"SignatureDoesNotMatch"}})"))});
    const auto result = verify();
    expect_reason(result, Reason::sts_denied);
    EXPECT_EQ(result.error().detail, "STS answered 403 (SignatureDoesNotMatch)");
    EXPECT_EQ(server.requests().size(), 1U);
    EXPECT_EQ(responses("403"), 1U);
    EXPECT_EQ(connection_failures(), 0U);
}

TEST_F(StsClientTest, ABadAnswerIsFinal) {
    server.script({read(), send(answer(200, "{}"))});
    expect_reason(verify(), Reason::sts_bad_answer);
    EXPECT_EQ(server.requests().size(), 1U);
    EXPECT_EQ(responses("200"), 1U);
}

TEST_F(StsClientTest, ThrottlingPasses) {
    const std::string throttled = answer(400, std::string(throttled_body));
    server.script({read(), send(throttled), read(), send(throttled), read(), send(answer(200, std::string(good_body)))}
    );
    EXPECT_TRUE(verify());
    EXPECT_EQ(responses("400"), 2U);
    EXPECT_EQ(responses("200"), 1U);
    EXPECT_EQ(throttling(), 2U);
    EXPECT_EQ(client_metrics->retries.value(), 2U);
    EXPECT_EQ(calls("ok"), 1U);
    EXPECT_EQ(client_metrics->call_seconds.count(), 1U);
}

TEST_F(StsClientTest, ThrottlingThatStaysIsSaid) {
    const std::string throttled = answer(400, std::string(throttled_body));
    server.script({read(), send(throttled), read(), send(throttled), read(), send(throttled)});
    expect_reason(verify(), Reason::sts_throttled);
    EXPECT_EQ(server.requests().size(), 3U);
    EXPECT_EQ(throttling(), 3U);
    EXPECT_EQ(client_metrics->retries.value(), 2U);
}

TEST_F(StsClientTest, ServerErrorsAreTriedAgainAsOftenAsAllowed) {
    const std::string unavailable = answer(503, "Service Unavailable");
    server.script({read(), send(unavailable), read(), send(unavailable)});
    auto all = client_options();
    all.retry.max_attempts = 2;
    expect_reason(verify(all), Reason::sts_unavailable);
    EXPECT_EQ(server.requests().size(), 2U);
    EXPECT_EQ(responses("503"), 2U);
}

TEST_F(StsClientTest, BrokenConnectionsAreTriedAgainAndCounted) {
    server.script({read(), cut()});
    server.script({read(), send(answer(200, std::string(good_body)))});
    EXPECT_TRUE(verify());
    EXPECT_EQ(connection_failures(), 1U);
    EXPECT_EQ(responses("200"), 1U);
    EXPECT_EQ(calls("ok"), 1U);
}

TEST_F(StsClientTest, AnAnswerThatBreaksOffMovesNoCounterOfTheGoServer) {
    server.script({read(), send("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"), cut()});
    auto all = client_options();
    all.retry.max_attempts = 1;
    expect_reason(verify(all), Reason::sts_unavailable);
    EXPECT_EQ(connection_failures(), 0U);
    EXPECT_EQ(responses("200"), 0U);
}

TEST_F(StsClientTest, AnUnreachableEndpointIsSaid) {
    auto unreachable = options();
    unreachable.connect_to[0].to.port = 1;
    pool = make_pool(unreachable);
    const auto result = verify();
    expect_reason(result, Reason::sts_unreachable);
    EXPECT_TRUE(result.error().detail.contains("connect to sts.us-east-1.amazonaws.com:443"));
    EXPECT_EQ(connection_failures(), 3U);
}

TEST_F(StsClientTest, NothingIsTriedAgainAfterTheDeadline) {
    expect_reason(verify(client_options(), Deadline(SteadyTime())), Reason::sts_unreachable);
    EXPECT_EQ(client_metrics->retries.value(), 0U);
    EXPECT_EQ(connection_failures(), 1U);
}

TEST_F(StsClientTest, APauseThatWouldUseUpTheDeadlineIsNotBegun) {
    server.script({read(), send(answer(503, ""))});
    auto all = client_options();
    all.retry.first_pause = std::chrono::hours(1);
    expect_reason(verify(all), Reason::sts_unavailable);
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(StsClientTest, AnAttemptHasATimeOfItsOwn) {
    auto all = client_options();
    all.attempt_timeout = std::chrono::milliseconds(0);
    expect_reason(verify(all), Reason::sts_unreachable);
    EXPECT_EQ(connection_failures(), 3U);
}

TEST_F(StsClientTest, AClosedPoolIsNotAskedAgain) {
    pool->close();
    expect_reason(verify(), Reason::overloaded);
    EXPECT_EQ(client_metrics->retries.value(), 0U);
    EXPECT_EQ(connection_failures(), 0U);
}

TEST_F(StsClientTest, AnEndpointThatFailsAgainAndAgainIsLeftAlone) {
    CallLimits limits;
    limits.breaker = {.failures = 2, .first_pause = std::chrono::minutes(5), .longest_pause = std::chrono::minutes(5)};
    governor = std::make_shared<Governor>(limits, registry);
    server.script({read(), send(answer(503, "")), read(), send(answer(503, ""))});
    expect_reason(verify(), Reason::sts_unavailable);
    EXPECT_EQ(server.requests().size(), 2U) << "the third attempt is not made";
    EXPECT_FALSE(verify());
    EXPECT_EQ(server.requests().size(), 2U);
    EXPECT_EQ(calls("sts_unavailable"), 1U) << "STS was not asked about the second token";
    EXPECT_EQ(client_metrics->call_seconds.count(), 1U);
}

TEST_F(StsClientTest, AThrottledCallGoesOnWhileOthersAreLetThrough) {
    governor = std::make_shared<Governor>(CallLimits{}, registry);
    const std::string throttled = answer(400, std::string(throttled_body));
    server.script(
        {read(),
         send(answer(200, std::string(good_body))),
         read(),
         send(throttled),
         read(),
         send(throttled),
         read(),
         send(throttled),
         read(),
         send(throttled),
         read(),
         send(answer(200, std::string(good_body)))}
    );
    EXPECT_TRUE(verify());
    EXPECT_TRUE(verify()) << "at the fifth attempt, of three";
    EXPECT_EQ(throttling(), 4U);
}

TEST_F(StsClientTest, AThrottledCallGivesUpWhenNobodyIsLetThrough) {
    governor = std::make_shared<Governor>(CallLimits{}, registry);
    const std::string throttled = answer(400, std::string(throttled_body));
    server.script({read(), send(throttled), read(), send(throttled), read(), send(throttled)});
    expect_reason(verify(), Reason::sts_throttled);
    EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(StsClientTest, MetricsHoldNothingSecret) {
    server.script({read(), send(answer(200, std::string(good_body)))});
    EXPECT_TRUE(verify());
    const std::string text = registry.text();
    EXPECT_TRUE(
        text.contains("aws_iam_authenticator_sts_responses_total{ResponseCode=\"200\",StsRegion=\"us-east-1\"} 1")
    ) << text;
    for (const std::string_view secret : {signature, session_token, std::string_view("AKIA")}) {
        EXPECT_FALSE(text.contains(secret));
    }
}

}  // namespace
}  // namespace arngate::sts
