#include "daemon/pages/authenticate.hpp"

#include "core/auth/knowledge.hpp"
#include "core/aws/sts_hosts.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/token/presigned_url.hpp"
#include "tests/core/auth/fake_verifier.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace arngate::pages {
namespace {

/// Knows some names at once, and others when the test says them.
class FakeResolver final : public ec2::NodeNameResolver {
public:
    std::optional<Name> known(const ec2::NodeNameQuery& query) override {
        asked.push_back(query);
        const auto found = names.find(query.instance_id);
        return found == names.end() ? std::nullopt : std::optional(found->second);
    }
    void resolve(ec2::NodeNameQuery query, boost::asio::any_io_executor reply_to, Done done) override {
        waiting.emplace_back(std::move(query.instance_id), std::move(reply_to), std::move(done));
    }
    void say(Name name) {
        auto first = std::move(waiting.front());
        waiting.erase(waiting.begin());
        boost::asio::post(std::get<1>(first), [done = std::move(std::get<2>(first)), name = std::move(name)]() mutable {
            done(std::move(name));
        });
    }

    std::map<std::string, Name> names;
    std::vector<ec2::NodeNameQuery> asked;
    std::vector<std::tuple<std::string, boost::asio::any_io_executor, Done>> waiting;
};

sts::CallerIdentity node(std::string session) {
    sts::CallerIdentity identity;
    identity.arn = "arn:aws:sts::123456789012:assumed-role/Node/" + session;
    identity.canonical_arn = "arn:aws:iam::123456789012:role/Node";
    identity.mapping_key = "arn:aws:iam::123456789012:role/node";
    identity.kind = aws::PrincipalKind::assumed_role;
    identity.account_id = "123456789012";
    identity.user_id = "AROACKCEVSQ6C2EXAMPLE";
    identity.session_name = std::move(session);
    identity.access_key_id = "ASIAIOSFODNN7EXAMPLE";
    identity.sts_host = "sts.us-east-1.amazonaws.com";
    return identity;
}

class AuthenticateNodeNamesTest : public ::testing::Test {
protected:
    AuthenticateNodeNamesTest() {
        log::set_sink([this](std::string_view line) { lines += std::string(line) + "\n"; });
        log::set_level(log::Level::info);
        verifier.answer = node("i-0123456789abcdef0");
        set_username("system:node:{{EC2PrivateDNSName}}");
        make(&resolver);
    }
    ~AuthenticateNodeNamesTest() override { log::set_sink({}); }

    void make(ec2::NodeNameResolver* with) {
        page = std::make_unique<AuthenticatePage>(
            AuthenticateOptions{},
            authenticator,
            clock,
            table,
            metrics,
            NodeNameLookup{.resolver = with, .executor = loop.get_executor()}
        );
    }
    void set_username(std::string_view username) {
        mapping::SourceRules source;
        source.source = "MountedFile";
        mapping::Rule rule;
        rule.arn = "arn:aws:iam::123456789012:role/Node";
        rule.username = username;
        rule.groups = {"system:nodes"};
        source.roles.push_back(std::move(rule));
        std::vector<mapping::TableWarning> warnings;
        table = mapping::Table::build({std::move(source)}, {}, warnings);
        if (page) {
            page->set_table(table);
        }
    }

    void poll() {
        loop.restart();
        loop.poll();
    }
    /// Nothing: the review waits; `late` has the answer when it comes.
    std::optional<http::Response> ask() {
        late.reset();
        const std::string url =
            "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
            "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
            "&X-Amz-Credential=ASIAIOSFODNN7EXAMPLE%2F20240101%2Fus-east-1%2Fsts%2Faws4_request"
            "&X-Amz-Date=20240101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=00";
        std::string body = R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{"token":")" +
                           std::string(token::token_prefix) + text::base64url_encode(url) + R"("}})";
        const std::size_t size = body.size();
        body.append(review::body_padding, '\0');
        http::Request request{};
        request.method = "POST";
        request.path = "/authenticate";
        request.body = std::string_view(body).substr(0, size);
        request.peer = "127.0.0.1:5000";
        request.received = clock.steady();
        http::Response response;
        const bool answered =
            page->handle(request, response, [this](std::size_t /*expected_bytes*/) -> http::Completion {
                return [this](http::Response answer) { late = std::move(answer); };
            });
        return answered ? std::optional(std::move(response)) : std::nullopt;
    }
    /// Through STS, so that the next review finds the identity in the cache.
    void prove() {
        static_cast<void>(ask());
        verifier.open();
        poll();
    }
    static bool grants(const http::Response& response, std::string_view username) {
        return response.body.contains("\"username\":\"" + std::string(username) + "\"");
    }

    std::string lines;
    boost::asio::io_context loop{1};
    ManualClock clock;
    MetricsRegistry registry;
    aws::StsHostTable hosts = aws::StsHostTable::build({}).value();
    auth::Knowledge knowledge{{}, registry};
    auth::FakeVerifier verifier{loop.get_executor()};
    auth::Authenticator authenticator{
        loop.get_executor(),
        clock,
        auth::AuthenticatorOptions{.rules = {.hosts = &hosts, .max_ahead = {}}},
        knowledge,
        verifier,
        registry
    };
    std::shared_ptr<ReviewMetrics> metrics = std::make_shared<ReviewMetrics>(registry);
    std::shared_ptr<const mapping::Table> table;
    FakeResolver resolver;
    std::unique_ptr<AuthenticatePage> page;
    std::optional<http::Response> late;
};

TEST_F(AuthenticateNodeNamesTest, WaitsForStsAndThenForEc2) {
    prove();
    EXPECT_FALSE(late);
    ASSERT_EQ(resolver.waiting.size(), 1U);
    EXPECT_EQ(resolver.asked.at(0).instance_id, "i-0123456789abcdef0");
    EXPECT_EQ(resolver.asked.at(0).account_id, "123456789012");
    resolver.say("ip-10-0-0-1.ec2.internal");
    EXPECT_FALSE(late);
    poll();
    ASSERT_TRUE(late);
    EXPECT_TRUE(grants(*late, "system:node:ip-10-0-0-1.ec2.internal")) << late->body;
    late->after_write();
    EXPECT_TRUE(lines.contains("username=\"system:node:ip-10-0-0-1.ec2.internal\"")) << lines;
}

TEST_F(AuthenticateNodeNamesTest, AKnownIdentityWaitsForEc2Alone) {
    prove();
    resolver.say("one.internal");
    poll();
    ASSERT_FALSE(ask());
    ASSERT_EQ(resolver.waiting.size(), 1U);
    resolver.say("two.internal");
    poll();
    ASSERT_TRUE(late);
    EXPECT_TRUE(grants(*late, "system:node:two.internal"));
    EXPECT_EQ(verifier.calls, 1U);
}

TEST_F(AuthenticateNodeNamesTest, AKnownNameIsAnsweredInTheCallItself) {
    resolver.names.emplace("i-0123456789abcdef0", "one.internal");
    prove();
    ASSERT_TRUE(late);
    EXPECT_TRUE(grants(*late, "system:node:one.internal"));
    const auto again = ask();
    ASSERT_TRUE(again);
    EXPECT_TRUE(grants(*again, "system:node:one.internal"));
    EXPECT_TRUE(resolver.waiting.empty());
}

TEST_F(AuthenticateNodeNamesTest, NobodyElseIsAskedFor) {
    set_username("user:{{SessionName}}");
    prove();
    ASSERT_TRUE(late);
    EXPECT_TRUE(grants(*late, "user:i-0123456789abcdef0"));
    EXPECT_TRUE(resolver.asked.empty());
}

TEST_F(AuthenticateNodeNamesTest, ASessionNameThatIsNoInstanceIsRefusedAtOnce) {
    verifier.answer = node("alice");
    prove();
    ASSERT_TRUE(late);
    EXPECT_TRUE(late->body.contains(R"("authenticated":false)"));
    EXPECT_TRUE(resolver.asked.empty());
    late->after_write();
    EXPECT_TRUE(lines.contains("reason=template_failed"));
}

TEST_F(AuthenticateNodeNamesTest, WhatEc2LacksIsRefusedAndWhatItWithholdsIsPutOff) {
    prove();
    resolver.say(fail(Reason::template_failed, "no such instance"));
    poll();
    ASSERT_TRUE(late);
    EXPECT_EQ(late->status, 200U);
    EXPECT_TRUE(late->body.contains(R"("authenticated":false)"));
    late->after_write();
    EXPECT_TRUE(lines.contains("no such instance"));

    ASSERT_FALSE(ask());
    resolver.say(fail(Reason::ec2_unavailable, "EC2 answered 503"));
    poll();
    ASSERT_TRUE(late);
    EXPECT_EQ(late->status, 503U);
    EXPECT_GT(late->retry_after_seconds, 0U);
    late->after_write();
    EXPECT_TRUE(lines.contains("reason=ec2_unavailable"));
}

TEST_F(AuthenticateNodeNamesTest, TheTableOfTheRequestDecidesAfterEc2Too) {
    prove();
    set_username("somebody-else");
    resolver.say("one.internal");
    poll();
    ASSERT_TRUE(late);
    EXPECT_TRUE(grants(*late, "system:node:one.internal"));
    const auto after = ask();
    ASSERT_TRUE(after);
    EXPECT_TRUE(grants(*after, "somebody-else"));
}

TEST_F(AuthenticateNodeNamesTest, WithoutAResolverTheTemplateFails) {
    make(nullptr);
    prove();
    ASSERT_TRUE(late);
    late->after_write();
    EXPECT_TRUE(lines.contains("does not ask EC2")) << lines;
}

TEST_F(AuthenticateNodeNamesTest, APageThatIsGoneStillAnswers) {
    prove();
    page.reset();
    resolver.say("one.internal");
    poll();
    ASSERT_TRUE(late);
    EXPECT_TRUE(grants(*late, "system:node:one.internal"));
    late->after_write();
}

}  // namespace
}  // namespace arngate::pages
