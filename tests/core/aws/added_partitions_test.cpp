#include "core/aws/added_partitions.hpp"

#include "core/aws/arn.hpp"
#include "core/aws/partition.hpp"
#include "core/aws/sts_hosts.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace arngate::aws {
namespace {

PartitionDefinition tomorrow(const std::string& id = "aws-tomorrow") {
    return {id, "amazonaws.example", "api.aws.example", {id + "-west-1", id + "-east-1"}};
}

StsHostTable hosts_of(const std::string& partition) {
    StsHostOptions options;
    options.partition = partition;
    return StsHostTable::build(options).value();
}

TEST(AddedPartitions, AreKnownToWhateverReadsArnsAndNamesHosts) {
    EXPECT_EQ(canonicalize("arn:aws-tomorrow:iam::123456789012:role/Ops").error(), ArnError::unknown_partition);
    ASSERT_TRUE(add_partition(tomorrow()));
    const Partition* added = find_partition("aws-tomorrow");
    ASSERT_NE(added, nullptr);
    EXPECT_EQ(partition_of_region("aws-tomorrow-east-1"), added);
    EXPECT_TRUE(canonicalize("arn:aws-tomorrow:iam::123456789012:role/Ops"));
    EXPECT_EQ(
        canonicalize("arn:aws-tomorrow:sts::123456789012:assumed-role/Ops/me")->text,
        "arn:aws-tomorrow:iam::123456789012:role/Ops"
    );
    EXPECT_EQ(sts_host_for_client("aws-tomorrow-east-1"), "sts.aws-tomorrow-east-1.amazonaws.example");

    const StsHostTable hosts = hosts_of("aws-tomorrow");
    EXPECT_EQ(hosts.size(), 8U);
    EXPECT_NE(hosts.find("sts-fips.aws-tomorrow-west-1.api.aws.example"), nullptr);
    EXPECT_EQ(hosts.find("sts.aws-tomorrow-west-2.amazonaws.example"), nullptr);
    EXPECT_EQ(hosts.find("sts.amazonaws.com"), nullptr);
    EXPECT_EQ(hosts_of("aws").find("sts.aws-tomorrow-east-1.amazonaws.example"), nullptr);
}

TEST(AddedPartitions, HaveDualStackHostsOnlyWhenTheySaySo) {
    PartitionDefinition definition = tomorrow("aws-plain");
    definition.dual_stack_suffix.clear();
    ASSERT_TRUE(add_partition(definition));
    EXPECT_EQ(
        sts_host_for_client("aws-plain-east-1", EndpointVariant::fips), "sts-fips.aws-plain-east-1.amazonaws.example"
    );
    EXPECT_EQ(sts_host_for_client("aws-plain-east-1", EndpointVariant::dual_stack), "");
    EXPECT_EQ(hosts_of("aws-plain").size(), 4U);
}

TEST(AddedPartitions, TakeTheSameOnceMoreInAnyOrderButNothingElseOfTheName) {
    PartitionDefinition definition = tomorrow("aws-twice");
    ASSERT_TRUE(add_partition(definition));
    std::swap(definition.regions[0], definition.regions[1]);
    definition.regions.push_back(definition.regions[0]);
    EXPECT_TRUE(add_partition(definition));
    definition.regions.pop_back();
    definition.dns_suffix = "amazonaws.test";
    EXPECT_FALSE(add_partition(definition));
    EXPECT_EQ(find_partition("aws-twice")->dns_suffix, "amazonaws.example");
}

TEST(AddedPartitions, RefuseWhatIsMalformedOrAnothers) {
    const auto refused = [](const std::function<void(PartitionDefinition&)>& spoil) {
        PartitionDefinition definition = tomorrow("aws-refused");
        spoil(definition);
        const auto added = add_partition(definition);
        return !added && !added.error().empty() && find_partition("aws-refused") == nullptr;
    };
    for (const char* id : {"", "aws", "aws-", "AWS-x", "aws-X", "other", "aws-x:y", "aws-cn"}) {
        EXPECT_TRUE(refused([id](PartitionDefinition& each) { each.id = id; })) << id;
    }
    for (const char* suffix :
         {"", "com", ".com", "a.com.", "A.com", "a..com", "10.0.0.1", "a.com/x", "a.com:443", "*.com"}) {
        EXPECT_TRUE(refused([suffix](PartitionDefinition& each) { each.dns_suffix = suffix; })) << suffix;
        EXPECT_TRUE(suffix[0] == 0 || refused([suffix](PartitionDefinition& each) {
                        each.dual_stack_suffix = suffix;
                    }));
    }
    for (const char* region : {"", "a.b", "-a", "a-", "US-x", "us-east-1", "cn-north-1"}) {
        EXPECT_TRUE(refused([region](PartitionDefinition& each) { each.regions[1] = region; })) << region;
    }
    EXPECT_TRUE(refused([](PartitionDefinition& each) { each.regions.clear(); }));
    EXPECT_TRUE(refused([](PartitionDefinition& each) {
        for (std::size_t i = each.regions.size(); i < max_added_regions + 1; ++i) {
            each.regions.push_back("region-" + std::to_string(i));
        }
    }));
}

TEST(AddedPartitions, AreBounded) {
    std::size_t added = 0;
    while (added <= max_added_partitions && add_partition(tomorrow("aws-many-" + std::to_string(added)))) {
        ++added;
    }
    EXPECT_LE(added, max_added_partitions);
    EXPECT_FALSE(add_partition(tomorrow("aws-one-more")));
    EXPECT_TRUE(added == 0 || add_partition(tomorrow("aws-many-0")));
}

}  // namespace
}  // namespace arngate::aws
