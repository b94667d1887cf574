#include "daemon/core_options.hpp"

#include "daemon/front_options.hpp"

#include <gtest/gtest.h>

namespace arngate {
namespace {

TEST(ShareOf, RoundsUpAndIsNeverNothing) {
    EXPECT_EQ(share_of(10, 1), 10U);
    EXPECT_EQ(share_of(10, 4), 3U);
    EXPECT_EQ(share_of(8, 4), 2U);
    EXPECT_EQ(share_of(1, 4), 1U);
    EXPECT_EQ(share_of(0, 4), 1U);
}

TEST(PoolOptions, TrustNamedCertificatesBesideTheSystems) {
    config::Settings settings;
    EXPECT_TRUE(pool_options(settings).tls.system_trust);
    settings.sts.ca_files = {"/ca.pem"};
    EXPECT_TRUE(pool_options(settings).tls.system_trust);
    EXPECT_EQ(pool_options(settings).tls.ca_files, settings.sts.ca_files);
}

TEST(PoolOptions, SendConnectionsWhereConnectToSays) {
    config::Settings settings;
    settings.sts.connect_to = {"sts.us-east-1.amazonaws.com:443:127.0.0.1:8443"};
    const auto rules = pool_options(settings).connect_to;
    ASSERT_EQ(rules.size(), 1U);
    EXPECT_EQ(rules.front().to.port, 8443);
}

TEST(PoolOptions, OfferHttp2UnlessToldOtherwise) {
    config::Settings settings;
    EXPECT_TRUE(pool_options(settings).http2);
    settings.sts.http2 = false;
    EXPECT_FALSE(pool_options(settings).http2);
}

TEST(StsClientOptions, CarryClusterPartitionAndRules) {
    config::Settings settings;
    settings.cluster_id = "c";
    settings.server.partition = "aws-cn";
    settings.sts.require_partition = false;
    settings.sts.max_attempts = 2;
    const auto options = sts_client_options(settings);
    EXPECT_EQ(options.cluster_id, "c");
    EXPECT_EQ(options.rules.partition, "aws-cn");
    EXPECT_FALSE(options.rules.require_partition);
    EXPECT_TRUE(options.rules.require_account);
    EXPECT_EQ(options.retry.max_attempts, 2U);
}

TEST(TableOptions, FollowTheMappingSettings) {
    config::Settings settings;
    EXPECT_EQ(table_options(settings).accounts, mapping::AccountOrder::after_all);
    settings.mapping.accounts_after_all = false;
    settings.mapping.strip_role_paths = false;
    EXPECT_EQ(table_options(settings).accounts, mapping::AccountOrder::in_chain);
    EXPECT_FALSE(table_options(settings).strip_role_paths);
}

TEST(AuthenticateOptions, FollowTheAnswerSettings) {
    config::Settings settings;
    EXPECT_EQ(authenticate_options(settings).strictness, review::Strictness::strict);
    EXPECT_EQ(authenticate_options(settings).style.refusal, review::RefusalStatus::ok);
    settings.answers = {.refuse_with_403 = true, .echo_version = false, .strict_requests = false};
    settings.server.scrubbed_accounts = {"123456789012"};
    const auto options = authenticate_options(settings);
    EXPECT_EQ(options.strictness, review::Strictness::lenient);
    EXPECT_EQ(options.style.refusal, review::RefusalStatus::forbidden);
    EXPECT_FALSE(options.style.echo_version);
    EXPECT_EQ(options.scrubbed_accounts, settings.server.scrubbed_accounts);
}

TEST(InstanceNamesOptions, TakeTheRateAndTheLimits) {
    config::Settings settings;
    settings.server.ec2_describe_instances_qps = 7;
    settings.server.ec2_describe_instances_burst = 3;
    settings.server.ec2_require_same_account = false;
    settings.limits.pending_reviews = 99;
    auto options = instance_names_options(settings);
    EXPECT_EQ(options.lookup.calls_per_second, 7.0);
    EXPECT_EQ(options.lookup.burst, 3.0);
    EXPECT_EQ(options.lookup.max_waiting, 99U);
    EXPECT_FALSE(options.same_account);

    settings.server.ec2_describe_instances_qps = 0;
    options = instance_names_options(settings);
    EXPECT_GE(options.lookup.calls_per_second, 1e6);
    EXPECT_GE(options.lookup.burst, 1e6);
}

TEST(HttpLimits, ShareConnectionsOutAmongTheLoops) {
    config::Settings settings;
    settings.limits.connections = 10;
    settings.limits.body_bytes = 5000;
    const auto limits = http_limits(settings, 4);
    EXPECT_EQ(limits.max_connections, 3U);
    EXPECT_EQ(limits.max_body_bytes, 5000U);
}

TEST(TlsServerOptions, NameTheFilesOfTheStateDirectoryUnlessOthersAreGiven) {
    config::Settings settings;
    settings.server.state_dir = "/state";
    EXPECT_EQ(tls_server_options(settings).certificate_file, "/state/cert.pem");
    EXPECT_EQ(tls_server_options(settings).key_file, "/state/key.pem");
    settings.server.tls.cert_file = "/own/c";
    settings.server.tls.key_file = "/own/k";
    EXPECT_EQ(tls_server_options(settings).certificate_file, "/own/c");
    EXPECT_EQ(tls_server_options(settings).key_file, "/own/k");
}

}  // namespace
}  // namespace arngate
