#include "daemon/node_name_service.hpp"

#include "daemon/core_options.hpp"
#include "tests/core/net/metadata_service.hpp"
#include "tests/daemon/app/log_lines.hpp"
#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace arngate {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::string_view role_arn = "arn:aws:iam::123456789012:role/Describer";

class NodeNameServiceTest : public ::testing::Test {
protected:
    NodeNameServiceTest() {
        variables = {
            {"HOME", "/nonexistent"},
            {"AWS_REGION", "eu-central-1"},
            {"AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"},
            {"AWS_SECRET_ACCESS_KEY", "secret"},
            {"AWS_EC2_METADATA_DISABLED", "true"},
        };
        make();
    }
    void make() {
        service = std::make_unique<NodeNameService>(
            settings,
            clock,
            registry,
            net::make_tls_client(pool_options(settings).tls),
            std::make_shared<net::HttpsPoolMetrics>(registry),
            [this](const char* name) -> const char* {
                const auto found = variables.find(std::string_view(name));
                return found == variables.end() ? nullptr : found->second.c_str();
            }
        );
    }

    ec2::NodeNameResolver::Name ask(const std::string& id = "i-0123456789abcdef0") {
        std::optional<ec2::NodeNameResolver::Name> answer;
        auto work = boost::asio::make_work_guard(loop);
        service->resolve({.instance_id = id, .account_id = "123456789012"}, loop.get_executor(), [&](auto name) {
            answer = std::move(name);
            work.reset();
        });
        EXPECT_FALSE(answer);
        loop.restart();
        loop.run();
        return std::move(*answer);
    }

    /// What a service says in the log that expects questions.
    std::string trouble() {
        make();
        const std::size_t before = lines.all().size();
        service->expect_questions();
        EXPECT_FALSE(ask("i-wrong")) << "answered when the log has been written";
        return lines.all().substr(before);
    }

    LogLines lines;
    boost::asio::io_context loop{1};
    ManualClock clock;
    config::Settings settings;
    MetricsRegistry registry;
    std::map<std::string, std::string, std::less<>> variables;
    std::unique_ptr<NodeNameService> service;
};

TEST_F(NodeNameServiceTest, HasNothingToSayWhereRegionAndCredentialsAre) {
    EXPECT_EQ(trouble(), "");
    variables.erase("AWS_REGION");
    settings.sts.own_region = "xy-tomorrow-9";
    EXPECT_EQ(trouble(), "");
}

TEST_F(NodeNameServiceTest, SaysWhatIsMissingBeforeItIsAsked) {
    const auto trouble_with = [this](std::string_view name, std::string_view value) {
        auto before = variables;
        variables.insert_or_assign(std::string(name), std::string(value));
        const std::string said = trouble();
        variables = std::move(before);
        return said;
    };
    const std::string missing = trouble_with("AWS_REGION", "");
    EXPECT_THAT(missing, HasSubstr("templates ask for {{EC2PrivateDNSName}}, and EC2 cannot be asked"));
    EXPECT_THAT(missing, HasSubstr("the region is not known: set sts.region or AWS_REGION"));
    EXPECT_THAT(
        trouble_with("AWS_REGION", "cn-north-1"), HasSubstr("the region cn-north-1 is not of the partition aws")
    );
    EXPECT_THAT(trouble_with("AWS_REGION", "a/b"), HasSubstr("the region is not one that has EC2"));
    EXPECT_THAT(trouble_with("AWS_USE_FIPS_ENDPOINT", "yes"), HasSubstr("must be true or false"));
    EXPECT_THAT(trouble_with("AWS_SECRET_ACCESS_KEY", ""), HasSubstr("set both or neither"));
    EXPECT_THAT(trouble_with("AWS_PROFILE", "missing"), HasSubstr("missing"));
    EXPECT_EQ(trouble_with("AWS_REGION", "fips-us-east-1"), "");
    variables.erase("AWS_ACCESS_KEY_ID");
    EXPECT_THAT(trouble_with("AWS_SECRET_ACCESS_KEY", ""), HasSubstr("no AWS credentials found"));
}

// The metadata service here is this very thread: it answers nobody before the call has returned.
TEST_F(NodeNameServiceTest, HoldsNobodyUpWhileTheMetadataServiceIsSilent) {
    boost::asio::ip::tcp::acceptor metadata(loop, {boost::asio::ip::make_address("127.0.0.1"), 0});
    variables.erase("AWS_ACCESS_KEY_ID");
    variables.erase("AWS_SECRET_ACCESS_KEY");
    variables["AWS_EC2_METADATA_DISABLED"] = "false";
    variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] =
        "http://127.0.0.1:" + std::to_string(metadata.local_endpoint().port());
    make();
    service->expect_questions();
    for (const std::string_view body :
         {"session",
          "role",
          R"({"Code":"Success","AccessKeyId":"ASIAINSTANCEEXAMPLE0","SecretAccessKey":"s","Token":"t",)"
          R"("Expiration":"2024-01-01T06:00:00Z"})"}) {
        net::test::answer_next(metadata, net::test::ok(std::string(body)));
    }
    EXPECT_TRUE(ask("i-wrong").error().detail.contains("EC2 knows no instance"));
    EXPECT_EQ(lines.all(), "");
}

TEST_F(NodeNameServiceTest, ExpectsNoQuestionsAfterItsEnd) {
    service->stop();
    service->expect_questions();
    EXPECT_EQ(ask().error().reason, Reason::ec2_unavailable);
}

TEST_F(NodeNameServiceTest, WantsAnAccountInTheSourceOfTheRole) {
    EXPECT_TRUE(NodeNameService::check(settings));
    settings.server.source_arn = "arn:aws:s3:::bucket";
    EXPECT_TRUE(NodeNameService::check(settings)) << "without a role it is not sent";
    settings.server.ec2_describe_instances_role_arn = role_arn;
    for (const std::string_view wrong :
         {"arn:aws:s3:::bucket",
          "arn:aws:eks:us-east-1:12345678901:cluster/a",
          "arn:aws:eks:us-east-1:1234567890123:c",
          "arn:aws:eks:us-east-1:12345678901x:cluster/a",
          "arn",
          ""}) {
        settings.server.source_arn = wrong;
        EXPECT_EQ(NodeNameService::check(settings).has_value(), wrong.empty()) << wrong;
    }
    settings.server.source_arn = "arn:aws:eks:us-east-1:123456789012:cluster/a";
    EXPECT_TRUE(NodeNameService::check(settings));
}

TEST_F(NodeNameServiceTest, RefusesWhileTheRegionIsMissingAndLooksAgain) {
    variables.erase("AWS_REGION");
    const auto missing = ask();
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().reason, Reason::template_failed);
    EXPECT_TRUE(missing.error().detail.contains("the region is not known"));

    variables.emplace("AWS_REGION", "eu-central-1");
    EXPECT_TRUE(ask("i-wrong").error().detail.contains("the region is not known"));
    clock.advance(30s);
    EXPECT_TRUE(ask("i-wrong").error().detail.contains("EC2 knows no instance"));
}

TEST_F(NodeNameServiceTest, KnowsNothingBeforeItIsAsked) {
    EXPECT_FALSE(service->known({.instance_id = "i-wrong", .account_id = "123456789012"}));
    EXPECT_FALSE(ask("i-wrong"));
    const auto name = service->known({.instance_id = "i-wrong", .account_id = "123456789012"});
    ASSERT_TRUE(name);
    EXPECT_FALSE(*name);
}

TEST_F(NodeNameServiceTest, RefusesAfterItsEnd) {
    EXPECT_FALSE(ask("i-wrong"));
    service->stop();
    service->stop();
    const auto late = ask();
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().reason, Reason::ec2_unavailable);
}

TEST_F(NodeNameServiceTest, EndsWithoutHavingBegun) {
    service->stop();
    EXPECT_EQ(ask().error().reason, Reason::ec2_unavailable);
}

}  // namespace
}  // namespace arngate
