// The webhook as a client sees it: listener, router and pages together, over real sockets.

#include "core/auth/knowledge.hpp"
#include "core/aws/sts_hosts.hpp"
#include "core/base/log.hpp"
#include "daemon/http/router.hpp"
#include "daemon/pages/authenticate.hpp"
#include "daemon/pages/health.hpp"
#include "daemon/pages/metrics_page.hpp"
#include "daemon/pages/metrics_renderer.hpp"
#include "tests/core/auth/fake_verifier.hpp"
#include "tests/daemon/http/test_server.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include <simdjson.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::pages {
namespace {

using http::test::Answer;
using http::test::TestClient;
using http::test::TestClock;
using http::test::TestServer;

class WebhookTest : public ::testing::Test {
protected:
    WebhookTest() {
        log::set_sink([](std::string_view /*line*/) {});
    }
    ~WebhookTest() override {
        server.reset();
        log::set_sink({});
    }

    void start(AuthenticateOptions options) {
        std::vector<mapping::TableWarning> warnings;
        page = std::make_unique<AuthenticatePage>(
            std::move(options),
            authenticator,
            clock,
            mapping::Table::build(std::vector<mapping::SourceRules>{}, {}, warnings),
            metrics
        );
        router.add("/authenticate", *page);
        router.add("/healthz", health);
        server = std::make_unique<TestServer>(router);
        server->on_loop([this] {
            const auto loop = server->loop().get_executor();
            renderer = std::make_unique<MetricsRenderer>(registry, loop);
            metrics_page = std::make_unique<MetricsPage>(*renderer, loop);
            router.add("/metrics", *metrics_page);
        });
    }

    Answer ask(std::string_view method, std::string_view path, std::string_view body) {
        TestClient client(server->port());
        client.send(
            std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + std::string(body)
        );
        return client.read_answer(method == "HEAD");
    }

    /// How many reviews of this result were counted.
    [[nodiscard]] std::uint64_t reviews(std::string_view result) {
        std::uint64_t count = 0;
        // On the loop, after the answer that the client has read was also counted.
        server->on_loop([&] {
            count = registry
                        .histogram(
                            "aws_iam_authenticator_authenticate_latency_seconds",
                            "",
                            latency_buckets(),
                            {{"result", std::string(result)}}
                        )
                        .count();
        });
        return count;
    }

    TestClock clock;
    MetricsRegistry registry;
    boost::asio::io_context sts_loop;
    aws::StsHostTable hosts = aws::StsHostTable::build({}).value();
    auth::Knowledge knowledge{{}, registry};
    auth::FakeVerifier verifier{sts_loop.get_executor()};
    auth::Authenticator authenticator{
        sts_loop.get_executor(), clock, {.rules = {.hosts = &hosts, .max_ahead = {}}}, knowledge, verifier, registry
    };
    std::shared_ptr<ReviewMetrics> metrics = std::make_shared<ReviewMetrics>(registry);
    std::unique_ptr<AuthenticatePage> page;
    HealthPage health;
    std::unique_ptr<MetricsRenderer> renderer;
    std::unique_ptr<MetricsPage> metrics_page;
    std::shared_ptr<http::HttpMetrics> http_metrics = std::make_shared<http::HttpMetrics>(registry);
    http::Router router{http_metrics};
    std::unique_ptr<TestServer> server;
};

TEST_F(WebhookTest, AnswersTheVectorsAsTheReference) {
    AuthenticateOptions options;
    options.strictness = review::Strictness::lenient;
    options.style = {.echo_version = false, .refusal = review::RefusalStatus::forbidden};
    start(options);
    simdjson::dom::parser parser;
    const auto file = parser.load(std::string(ARNGATE_TEST_VECTORS) + "/tokenreview-http.json").value();
    int seen = 0;
    for (const simdjson::dom::element c : file["cases"].get_array()) {
        SCOPED_TRACE(std::string_view(c["id"].get_string()));
        const simdjson::dom::element expected = c["expect"];
        std::string_view body;
        if (c["request_body"].is_string()) {
            body = c["request_body"].get_string();
        }
        std::string_view result;
        if (expected["latency_result"].is_string()) {
            result = expected["latency_result"].get_string();
        }
        const std::uint64_t before = result.empty() ? 0 : reviews(result);
        const Answer answer = ask(c["method"].get_string(), c["path"].get_string(), body);
        EXPECT_EQ(answer.status, static_cast<int>(std::int64_t(expected["status"])));
        EXPECT_EQ(answer.body, std::string_view(expected["body"].get_string()));
        if (expected["content_type"].is_string()) {
            EXPECT_EQ(answer.headers.at("content-type"), std::string_view(expected["content_type"].get_string()));
        } else {
            EXPECT_FALSE(answer.headers.contains("content-type"));
        }
        if (answer.status == 307) {
            EXPECT_EQ(answer.headers.at("location"), "/authenticate");
        }
        const bool is_text_error = answer.status == 400 || answer.status == 404 || answer.status == 405;
        EXPECT_EQ(answer.headers.contains("x-content-type-options"), is_text_error);
        if (!result.empty()) {
            EXPECT_EQ(reviews(result), before + 1);
        }
        ++seen;
    }
    EXPECT_GT(seen, 10);
}

TEST_F(WebhookTest, AnswersInItsOwnWayByDefault) {
    start({});
    const std::string review =
        R"({"apiVersion":"authentication.k8s.io/v1beta1","kind":"TokenReview","spec":{"token":"abc"}})";
    const Answer denied = ask("POST", "/authenticate", review);
    EXPECT_EQ(denied.status, 200);
    EXPECT_NE(denied.body.find(R"("apiVersion":"authentication.k8s.io/v1beta1")"), std::string::npos);
    EXPECT_EQ(denied.body.find(R"("authenticated":true)"), std::string::npos);
    EXPECT_EQ(reviews("invalid_token"), 1U);
    EXPECT_EQ(ask("POST", "/authenticate", "{}").status, 400);
    EXPECT_EQ(ask("GET", "/authenticate", "").status, 405);
    EXPECT_EQ(ask("GET", "/authenticate", "").headers.at("allow"), "POST");
    EXPECT_EQ(ask("POST", "/authenticate/", "{}").status, 404);
    EXPECT_EQ(ask("POST", "//authenticate", "{}").status, 307);
    EXPECT_EQ(ask("DELETE", "/healthz", "").body, "ok");
}

TEST_F(WebhookTest, ServesItsMetrics) {
    start({});
    static_cast<void>(ask("GET", "/healthz", ""));
    const Answer answer = ask("GET", "/metrics", "");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_NE(answer.body.find("arngate_http_requests_total{path=\"/healthz\",code=\"200\"} 1\n"), std::string::npos);
    EXPECT_NE(answer.body.find("arngate_http_limit_total{limit=\"body_bytes\"} 0\n"), std::string::npos);
}

}  // namespace
}  // namespace arngate::pages
