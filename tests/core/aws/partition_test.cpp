#include "core/aws/partition.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace arngate::aws {
namespace {

TEST(Partition, IsFoundByExactIdOnly) {
    ASSERT_NE(find_partition("aws"), nullptr);
    EXPECT_EQ(find_partition("aws")->id, "aws");
    for (const std::string_view id : {"", "AWS", "aws ", "aws-", "aws-xx"}) {
        EXPECT_EQ(find_partition(id), nullptr) << id;
    }
}

TEST(Partition, ListsEachRegionOnceAndSorted) {
    std::set<std::string_view> seen;
    for (const Partition& partition : partitions()) {
        EXPECT_TRUE(std::ranges::is_sorted(partition.regions)) << partition.id;
        for (const std::string_view region : partition.regions) {
            EXPECT_TRUE(seen.insert(region).second) << region;
            EXPECT_TRUE(is_region_label(region)) << region;
            EXPECT_EQ(partition_of_region(region), &partition) << region;
        }
        if (!partition.implicit_global_region.empty()) {
            EXPECT_EQ(partition_of_region(partition.implicit_global_region), &partition);
        }
    }
}

TEST(Partition, KnowsNoRegionByItsForm) {
    for (const std::string_view region : {"us-east-9", "cn-moon-7", "US-EAST-1", "", "us-east-1 ", "global"}) {
        EXPECT_EQ(partition_of_region(region), nullptr) << region;
    }
}

TEST(Partition, RegionLabelsHaveInnerHyphensOnly) {
    for (const std::string_view good : {"a", "0", "us-east-1", "A-b", "a--b"}) {
        EXPECT_TRUE(is_region_label(good)) << good;
    }
    for (const std::string_view bad : {"", "-", "-a", "a-", "a.b", "a_b", "a/b", "ä", "a\n"}) {
        EXPECT_FALSE(is_region_label(bad)) << bad;
    }
    EXPECT_FALSE(is_region_label(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace arngate::aws
