#include "config/environment_name.hpp"

#include <gtest/gtest.h>

namespace arngate::config {
namespace {

TEST(EnvironmentName, StartsAWordWhereAPathDoes) {
    EXPECT_EQ(environment_name("server.port"), "ARNGATE_SERVER_PORT");
    EXPECT_EQ(environment_name("clusterID"), "ARNGATE_CLUSTER_ID");
    EXPECT_EQ(environment_name("log-verbosity"), "ARNGATE_LOG_VERBOSITY");
    EXPECT_EQ(environment_name("server.tls.clientCAFile"), "ARNGATE_SERVER_TLS_CLIENT_CA_FILE");
    EXPECT_EQ(environment_name("server.ec2DescribeInstancesRoleARN"), "ARNGATE_SERVER_EC2_DESCRIBE_INSTANCES_ROLE_ARN");
    EXPECT_EQ(environment_name("server.dynamicfileUserIDStrict"), "ARNGATE_SERVER_DYNAMICFILE_USER_ID_STRICT");
    EXPECT_EQ(environment_name("A.B"), "ARNGATE_A_B");
    EXPECT_EQ(environment_name(""), "ARNGATE_");
}

TEST(EnvironmentName, KnowsWhatKubernetesSetsForAService) {
    EXPECT_TRUE(is_service_link("tcp://10.0.0.1:443"));
    EXPECT_TRUE(is_service_link("udp://[fd00::1]:53"));
    EXPECT_TRUE(is_service_link("sctp://10.0.0.1:9"));
    for (const char* other : {"", "443", "tcp", "tcp:/", "http://10.0.0.1", " tcp://10.0.0.1:443"})
        EXPECT_FALSE(is_service_link(other)) << other;
}

}  // namespace
}  // namespace arngate::config
