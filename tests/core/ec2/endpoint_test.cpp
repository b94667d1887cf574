#include "core/ec2/endpoint.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate::ec2 {
namespace {

using aws::EndpointVariant;

std::string host(
    std::string_view partition, std::string_view region, EndpointVariant variant = EndpointVariant::plain
) {
    return host_for_region(*aws::find_partition(partition), region, variant);
}

TEST(Ec2Endpoint, IsThatOfThePartitionAndVariant) {
    EXPECT_EQ(host("aws", "eu-central-1"), "ec2.eu-central-1.amazonaws.com");
    EXPECT_EQ(host("aws", "us-east-1", EndpointVariant::fips), "ec2-fips.us-east-1.amazonaws.com");
    EXPECT_EQ(host("aws", "us-east-1", EndpointVariant::dual_stack), "ec2.us-east-1.api.aws");
    EXPECT_EQ(host("aws", "us-east-1", EndpointVariant::fips_dual_stack), "ec2-fips.us-east-1.api.aws");
    EXPECT_EQ(host("aws-cn", "cn-north-1"), "ec2.cn-north-1.amazonaws.com.cn");
    EXPECT_EQ(host("aws-us-gov", "us-gov-west-1", EndpointVariant::fips), "ec2.us-gov-west-1.amazonaws.com");
    EXPECT_EQ(host("aws-iso", "us-iso-east-1"), "ec2.us-iso-east-1.c2s.ic.gov");
    EXPECT_EQ(host("aws", "xy-tomorrow-9"), "ec2.xy-tomorrow-9.amazonaws.com");
}

TEST(Ec2Endpoint, IsNoneForWhatIsNoRegion) {
    for (const std::string_view region : {"", "aws-global", "a.b", "-a", "a-", "a/b", "a b"}) {
        EXPECT_EQ(host("aws", region), "") << region;
    }
    EXPECT_EQ(host("aws", std::string(63, 'a')), "ec2." + std::string(63, 'a') + ".amazonaws.com");
    EXPECT_EQ(host("aws", std::string(64, 'a')), "");
}

}  // namespace
}  // namespace arngate::ec2
