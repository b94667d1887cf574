#include "daemon/pages/authenticate.hpp"

#include "core/auth/knowledge.hpp"
#include "core/aws/sts_hosts.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/token/presigned_url.hpp"
#include "tests/core/auth/example_token.hpp"
#include "tests/core/auth/fake_verifier.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include <simdjson.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::pages {
namespace {

using namespace std::chrono_literals;
using auth::token_of;

constexpr std::string_view denial = R"({"metadata":{},"spec":{},"status":{"user":{}}})";

std::string review_of(std::string_view token) {
    return R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{"token":")" + std::string(token) +
           R"("}})";
}

AuthenticateOptions reference_options() {
    AuthenticateOptions options;
    options.strictness = review::Strictness::lenient;
    options.style = {.echo_version = false, .refusal = review::RefusalStatus::forbidden};
    return options;
}

sts::CallerIdentity admin() {
    sts::CallerIdentity identity;
    identity.arn = "arn:aws:sts::123456789012:assumed-role/Admin/alice";
    identity.canonical_arn = "arn:aws:iam::123456789012:role/Admin";
    identity.mapping_key = "arn:aws:iam::123456789012:role/admin";
    identity.kind = aws::PrincipalKind::assumed_role;
    identity.account_id = "123456789012";
    identity.user_id = "AROACKCEVSQ6C2EXAMPLE";
    identity.session_name = "alice";
    identity.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    identity.sts_host = "sts.us-east-1.amazonaws.com";
    return identity;
}

std::shared_ptr<const mapping::Table> table_of(std::string arn, std::string username, std::vector<std::string> groups) {
    mapping::SourceRules source;
    source.source = "MountedFile";
    if (!arn.empty()) {
        mapping::Rule rule;
        rule.arn = std::move(arn);
        rule.username = std::move(username);
        rule.groups = std::move(groups);
        source.roles.push_back(std::move(rule));
    }
    std::vector<mapping::TableWarning> warnings;
    return mapping::Table::build({std::move(source)}, {}, warnings);
}

class AuthenticatePageTest : public ::testing::Test {
protected:
    AuthenticatePageTest() {
        log::set_sink([this](std::string_view line) { lines.emplace_back(line); });
        log::set_level(log::Level::info);
        verifier.answer = admin();
        make({});
    }
    ~AuthenticatePageTest() override { log::set_sink({}); }

    void make(AuthenticateOptions options) {
        page = std::make_unique<AuthenticatePage>(std::move(options), *authenticator, clock, table, metrics);
    }

    void set_table(std::shared_ptr<const mapping::Table> fresh) {
        table = std::move(fresh);
        page->set_table(table);
    }

    /// The answer if it comes at once. A late one lands in `late`.
    std::optional<http::Response> ask(std::string_view body, std::string_view method = "POST") {
        std::string padded(body);
        padded.append(review::body_padding, '\0');
        http::Request request{};
        request.method = method;
        request.path = "/authenticate";
        request.body = std::string_view(padded).substr(0, body.size());
        request.peer = "127.0.0.1:5000";
        request.received = clock.steady();
        http::Response response;
        const bool answered =
            page->handle(request, response, [this](std::size_t /*expected_bytes*/) -> http::Completion {
                return [this](http::Response answer) { late = std::move(answer); };
            });
        return answered ? std::optional(std::move(response)) : std::nullopt;
    }

    /// The answer, at once or after STS has been asked.
    http::Response answer_to(std::string_view body, std::string_view method = "POST") {
        late.reset();
        auto response = ask(body, method);
        if (!response) {
            verifier.open();
            poll();
            verifier.shut();
            response = std::move(late);
        }
        EXPECT_TRUE(response.has_value());
        EXPECT_TRUE(response->after_write);
        response->after_write();
        return std::move(*response);
    }

    void poll() {
        loop.restart();
        loop.poll();
    }

    [[nodiscard]] bool has_metric(std::string_view line) const {
        return registry.text().find(std::string(line) + "\n") != std::string::npos;
    }
    [[nodiscard]] bool counted(std::string_view result) const {
        return has_metric(
            "aws_iam_authenticator_authenticate_latency_seconds_count{result=\"" + std::string(result) + "\"} 1"
        );
    }
    [[nodiscard]] bool logged(std::string_view piece) const {
        for (const std::string& line : lines) {
            if (line.find(piece) != std::string::npos) {
                return true;
            }
        }
        return false;
    }

    std::vector<std::string> lines;
    boost::asio::io_context loop{1};
    ManualClock clock;
    MetricsRegistry registry;
    aws::StsHostTable hosts = aws::StsHostTable::build({}).value();
    auth::Knowledge knowledge{{}, registry};
    auth::FakeVerifier verifier{loop.get_executor()};
    std::unique_ptr<auth::Authenticator> authenticator = std::make_unique<auth::Authenticator>(
        loop.get_executor(),
        clock,
        auth::AuthenticatorOptions{.rules = {.hosts = &hosts, .max_ahead = {}}},
        knowledge,
        verifier,
        registry
    );
    std::shared_ptr<ReviewMetrics> metrics = std::make_shared<ReviewMetrics>(registry);
    std::shared_ptr<const mapping::Table> table =
        table_of("arn:aws:iam::123456789012:role/Admin", "admin", {"system:masters"});
    std::unique_ptr<AuthenticatePage> page;
    std::optional<http::Response> late;
};

TEST_F(AuthenticatePageTest, GrantsThroughStsAndThenFromTheCache) {
    const std::string review = review_of(token_of("00"));
    const http::Response first = answer_to(review);
    EXPECT_EQ(first.status, 200U);
    EXPECT_EQ(first.content_type, "application/json; charset=UTF-8");
    EXPECT_NE(first.body.find(R"("authenticated":true)"), std::string::npos);
    EXPECT_NE(first.body.find(R"("apiVersion":"authentication.k8s.io/v1")"), std::string::npos);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_NE(lines[0].find("level=info msg=\"STS response\""), std::string::npos) << lines[0];
    EXPECT_NE(lines[1].find("level=info msg=\"access granted\""), std::string::npos) << lines[1];
    for (const auto* field :
         {"arn=\"arn:aws:iam::123456789012:role/Admin\"",
          "cache=false",
          "client=\"127.0.0.1:5000\"",
          "groups=\"[system:masters]\"",
          "method=POST",
          "path=/authenticate",
          "username=admin",
          "uid=\"aws-iam-authenticator:123456789012:AROACKCEVSQ6C2EXAMPLE\"",
          "stsendpoint=sts.us-east-1.amazonaws.com"}) {
        EXPECT_NE(lines[1].find(field), std::string::npos) << field << "\n" << lines[1];
    }
    lines.clear();
    auto second = ask(review);
    ASSERT_TRUE(second);  // in the call itself
    EXPECT_EQ(second->body, first.body);
    EXPECT_TRUE(lines.empty());  // not before the answer is written
    second->after_write();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("cache=true"), std::string::npos);
    EXPECT_EQ(verifier.calls, 1U);
    EXPECT_TRUE(has_metric("arngate_reviews_total{result=\"granted\",reason=\"none\"} 2"));
    EXPECT_TRUE(has_metric("arngate_review_seconds_count{source=\"cache\"} 1"));
    EXPECT_TRUE(has_metric("arngate_review_seconds_count{source=\"sts\"} 1"));
}

TEST_F(AuthenticatePageTest, NeverLogsOrTellsTheToken) {
    log::set_level(log::Level::trace);
    const std::string token = token_of("0123456789abcdef");
    static_cast<void>(answer_to(review_of(token)));
    static_cast<void>(answer_to(review_of(token + "!")));
    static_cast<void>(answer_to(review_of("eyJhbGciOiJSUzI1NiJ9.e30.c2ln")));
    static_cast<void>(answer_to(review_of(token) + "{"));
    for (const std::string& line : lines) {
        EXPECT_EQ(line.find(token.substr(0, 40)), std::string::npos);
        EXPECT_EQ(line.find("0123456789abcdef"), std::string::npos);
        EXPECT_EQ(line.find("eyJ"), std::string::npos);
    }
    EXPECT_EQ(registry.text().find("0123456789abcdef"), std::string::npos);
}

TEST_F(AuthenticatePageTest, TheTableOfTheRequestDecides) {
    ASSERT_FALSE(ask(review_of(token_of("00"))));
    set_table(table_of("", "", {}));
    verifier.open();
    poll();
    ASSERT_TRUE(late);
    EXPECT_NE(late->body.find(R"("authenticated":true)"), std::string::npos);
    const http::Response after = answer_to(review_of(token_of("00")));
    EXPECT_EQ(after.body.find(R"("authenticated":true)"), std::string::npos);
    EXPECT_TRUE(logged("reason=not_mapped"));
    EXPECT_TRUE(counted("uknown_user"));
}

TEST_F(AuthenticatePageTest, WarnsOfADenialWithItsReason) {
    const http::Response response = answer_to(review_of("k8s-aws-v1.!!"));
    EXPECT_EQ(response.status, 200U);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("level=warning msg=\"access denied\""), std::string::npos) << lines[0];
    EXPECT_NE(lines[0].find("error=\"bad_encoding: "), std::string::npos) << lines[0];
    EXPECT_NE(lines[0].find("reason=bad_encoding"), std::string::npos) << lines[0];
    EXPECT_TRUE(counted("invalid_token"));
    EXPECT_TRUE(has_metric("arngate_reviews_total{result=\"refused\",reason=\"bad_encoding\"} 1"));
    EXPECT_TRUE(has_metric("arngate_review_seconds_count{source=\"none\"} 1"));
}

TEST_F(AuthenticatePageTest, TokensOfAnotherKindAreNoNews) {
    static_cast<void>(answer_to(review_of("eyJhbGciOiJSUzI1NiJ9.e30.c2ln")));
    EXPECT_TRUE(lines.empty());
    log::set_level(log::Level::debug);
    static_cast<void>(answer_to(review_of("eyJhbGciOiJSUzI1NiJ9.e30.c2ln")));
    EXPECT_TRUE(logged("level=debug msg=\"access denied\""));
}

TEST_F(AuthenticatePageTest, TroubleAtStsAsksToComeBack) {
    verifier.answer = fail(Reason::sts_unreachable, "no connection");
    const http::Response unreachable = answer_to(review_of(token_of("00")));
    EXPECT_EQ(unreachable.status, 503U);
    EXPECT_NE(unreachable.retry_after_seconds, 0U);
    verifier.answer = fail(Reason::sts_throttled);
    EXPECT_EQ(answer_to(review_of(token_of("01"))).status, 429U);
    EXPECT_TRUE(counted("sts_throttling"));
    make(reference_options());
    verifier.answer = fail(Reason::sts_unreachable);
    const http::Response as_peer = answer_to(review_of(token_of("02")));
    EXPECT_EQ(as_peer.status, 403U);
    EXPECT_EQ(as_peer.body, denial);
    EXPECT_TRUE(logged("error=\"sts_unreachable: no connection\""));
}

TEST_F(AuthenticatePageTest, SharesOneCallAndAnswersEach) {
    const std::string review = review_of(token_of("00"));
    ASSERT_FALSE(ask(review));
    ASSERT_FALSE(ask(review));
    verifier.open();
    poll();
    EXPECT_EQ(verifier.calls, 1U);
    ASSERT_TRUE(late);
    EXPECT_NE(late->body.find(R"("authenticated":true)"), std::string::npos);
}

TEST_F(AuthenticatePageTest, ScrubbedAccountsStayOutOfTheLog) {
    AuthenticateOptions options;
    options.scrubbed_accounts = {"999999999999", "123456789012"};
    make(options);
    const http::Response granted = answer_to(review_of(token_of("00")));
    EXPECT_NE(granted.body.find("aws-iam-authenticator:administrative:admin"), std::string::npos);
    EXPECT_EQ(granted.body.find("extra"), std::string::npos);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].find("arn="), std::string::npos) << lines[0];
    EXPECT_EQ(lines[0].find("123456789012"), std::string::npos) << lines[0];
    set_table(table_of("", "", {}));
    static_cast<void>(answer_to(review_of(token_of("00"))));
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_NE(lines[1].find("access denied"), std::string::npos);
    EXPECT_EQ(lines[1].find("123456789012"), std::string::npos) << lines[1];
}

TEST_F(AuthenticatePageTest, SurvivesTheEndOfItsPartsWhileAReviewWaits) {
    ASSERT_FALSE(ask(review_of(token_of("00"))));
    page.reset();
    authenticator.reset();
    verifier.open();
    poll();
    ASSERT_TRUE(late);
    EXPECT_TRUE(late->after_write);
    late->after_write();
}

TEST_F(AuthenticatePageTest, StrictRequestsNeedAVersionThatIsSpoken) {
    for (const auto* body :
         {"{}",
          "null",
          R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v9","spec":{}})",
          R"({"kind":"Pod","apiVersion":"authentication.k8s.io/v1","spec":{"token":"x"}})",
          "",
          "[]"}) {
        const http::Response response = answer_to(body);
        EXPECT_EQ(response.status, 400U) << body;
        EXPECT_EQ(response.content_type, "application/json; charset=UTF-8") << body;
        EXPECT_NE(response.body.find(R"("authenticated":false)"), std::string::npos) << body;
    }
    EXPECT_TRUE(logged("level=error msg=\"could not parse request body\""));
    EXPECT_TRUE(has_metric("aws_iam_authenticator_authenticate_latency_seconds_count{result=\"malformed_request\"} 6"));
}

TEST_F(AuthenticatePageTest, OtherMethodsAreRefused) {
    const http::Response response = answer_to("", "GET");
    EXPECT_EQ(response.status, 405U);
    EXPECT_EQ(response.body, "expected POST\n");
    EXPECT_EQ(response.allow, "POST");
    EXPECT_TRUE(logged("level=error msg=\"unexpected request method\""));
    EXPECT_TRUE(counted("malformed_request"));
}

TEST_F(AuthenticatePageTest, AnswersTheVectorsOfIdentitiesAsTheReference) {
    simdjson::dom::parser parser;
    const auto file = parser.load(std::string(ARNGATE_TEST_VECTORS) + "/tokenreview-http.json").value();
    int seen = 0;
    for (const simdjson::dom::element c : file["with_identity"].get_array()) {
        const auto string = [](const simdjson::dom::element& of, const char* key) {
            return std::string(std::string_view(of[key].get_string()));
        };
        SCOPED_TRACE(string(c, "id"));
        const simdjson::dom::element given = c["identity"];
        sts::CallerIdentity identity;
        identity.arn = string(given, "arn");
        identity.canonical_arn = string(given, "canonical_arn");
        identity.mapping_key = text::to_lower(identity.canonical_arn);
        identity.account_id = string(given, "account_id");
        identity.user_id = string(given, "user_id");
        identity.session_name = string(given, "session_name");
        identity.access_key_id = string(given, "access_key_id");
        const bool role = !identity.session_name.empty();
        identity.kind = role ? aws::PrincipalKind::assumed_role : aws::PrincipalKind::user;
        verifier.answer = identity;

        mapping::SourceRules source;
        source.source = "MountedFile";
        const simdjson::dom::element mapped = c["mapping"];
        if (mapped.is_object() && mapped["account"].error() == simdjson::SUCCESS) {
            source.accounts.push_back(identity.account_id);
        } else if (mapped.is_object()) {
            mapping::Rule rule;
            rule.arn = identity.canonical_arn;
            rule.username = string(mapped, "username");
            for (const simdjson::dom::element group : mapped["groups"].get_array()) {
                rule.groups.emplace_back(std::string_view(group.get_string()));
            }
            (role ? source.roles : source.users).push_back(std::move(rule));
        }
        std::vector<mapping::TableWarning> warnings;
        table = mapping::Table::build({std::move(source)}, {}, warnings);
        AuthenticateOptions options = reference_options();
        for (const simdjson::dom::element account : c["scrubbed_accounts"].get_array()) {
            options.scrubbed_accounts.emplace_back(std::string_view(account.get_string()));
        }
        make(options);

        const simdjson::dom::element expected = c["expect"];
        const http::Response response = answer_to(review_of(token_of("a" + std::to_string(seen))));
        EXPECT_EQ(response.status, static_cast<unsigned>(std::uint64_t(expected["status"])));
        EXPECT_EQ(response.content_type, string(expected, "content_type"));
        EXPECT_EQ(response.body, string(expected, "body"));
        ++seen;
    }
    EXPECT_GT(seen, 0);
    EXPECT_TRUE(has_metric("aws_iam_authenticator_authenticate_latency_seconds_count{result=\"success\"} 4"));
    EXPECT_TRUE(counted("uknown_user"));
}

}  // namespace
}  // namespace arngate::pages
