#include "core/aws/partition.hpp"
#include "core/aws/sts_hosts.hpp"
#include "tests/vectors/deviations.hpp"
#include "tests/vectors/vector_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace arngate::vectors {
namespace {

using aws::StsHostOptions;
using aws::StsHostTable;

StsHostOptions options_of(simdjson::dom::element vector_case, Profile profile) {
    StsHostOptions options;
    options.partition = need_text(vector_case, "partition");
    options.own_region = text_at(vector_case, "instance_region").value_or("");
    options.accept_sibling_partition = profile == Profile::reference;
    return options;
}

/// A table that cannot be built accepts nothing.
bool accepts(const StsHostOptions& options, const std::string& host) {
    const auto table = StsHostTable::build(options);
    return table.has_value() && table->find(host) != nullptr;
}

class HostVectors : public ::testing::TestWithParam<Profile> {};

TEST_P(HostVectors, AcceptsAndRefusesStsHosts) {
    const VectorFile file("sts-hosts.json");
    Outcomes outcomes("sts-hosts.json", GetParam());
    for (const auto each : file.cases()) {
        outcomes.add(each, accepts(options_of(each, GetParam()), need_text(each, "host")));
    }
    EXPECT_TRUE(outcomes.differ_only_as_listed());
}

INSTANTIATE_TEST_SUITE_P(
    Profiles,
    HostVectors,
    ::testing::Values(Profile::arngate, Profile::reference),
    [](const auto& each) { return std::string(name_of(each.param)); }
);

TEST(HostVectorFiles, AcceptsAHostOfAPatternOnlyRegionWhenTheRegionIsConfigured) {
    const VectorFile file("sts-hosts.json");
    for (const auto each : file.cases()) {
        if (need_text(each, "id") == "aws-cn-sts-cn-moon-7-amazonaws-com-cn") {
            auto options = options_of(each, Profile::arngate);
            EXPECT_FALSE(accepts(options, need_text(each, "host")));
            options.extra_regions = {"cn-moon-7"};
            EXPECT_TRUE(accepts(options, need_text(each, "host")));
            return;
        }
    }
    FAIL() << "the case is gone";
}

TEST(HostVectorFiles, RefusesHostileHosts) {
    const VectorFile file("hostile-hosts.json");
    for (const auto each : file.cases()) {
        const std::string host = need_text(each, "host");
        EXPECT_FALSE(accepts(options_of(each, Profile::arngate), host)) << host << ": " << need_text(each, "why");
    }
}

TEST(HostVectorFiles, RefusesHostileHostsButTheSiblingsOwnWhenTheSiblingIsAccepted) {
    const VectorFile file("hostile-hosts.json");
    for (const auto each : file.cases()) {
        const std::string host = need_text(each, "host");
        const std::string partition = need_text(each, "partition");
        StsHostOptions other;
        other.partition = partition == "aws" ? "aws-us-gov" : "aws";
        const bool is_siblings =
            (partition == "aws" || partition == "aws-us-gov") && host != "sts.amazonaws.com" && accepts(other, host);
        EXPECT_EQ(accepts(options_of(each, Profile::reference), host), is_siblings) << host;
    }
}

TEST(HostVectorFiles, HasTheShapesOfRegionLabels) {
    const VectorFile file("region-label.json");
    for (const auto each : file.cases()) {
        const bool wanted = each["expect"];
        EXPECT_EQ(aws::is_region_label(need_text(each, "region")), wanted) << need_text(each, "region");
    }
}

TEST(HostVectorFiles, HoldsThePartitionTable) {
    const VectorFile file("partitions.json");
    std::size_t count = 0;
    for (const auto each : file.cases()) {
        ++count;
        const std::string id = need_text(each, "id");
        const aws::Partition* partition = aws::find_partition(id);
        ASSERT_NE(partition, nullptr) << id;
        EXPECT_EQ(partition->dns_suffix, need_text(each, "dns_suffix"));
        EXPECT_EQ(partition->dual_stack_suffix, need_text(each, "dual_stack_suffix_resolver"));
        EXPECT_EQ(partition->accepts_dual_stack, text_at(each, "dual_stack_suffix_accepted").has_value());
        if (partition->accepts_dual_stack) {
            EXPECT_EQ(partition->dual_stack_suffix, need_text(each, "dual_stack_suffix_accepted"));
        }
        std::vector<std::string_view> regions;
        for (const std::string_view region : simdjson::dom::array(each["regions"])) {
            regions.push_back(region);
        }
        std::ranges::sort(regions);
        EXPECT_TRUE(std::ranges::equal(partition->regions, regions)) << id;
    }
    EXPECT_EQ(aws::partitions().size(), count);

    std::vector<std::string_view> order;
    for (const std::string_view id : simdjson::dom::array(file.root()["flag_order"])) {
        order.push_back(id);
    }
    EXPECT_TRUE(std::ranges::equal(aws::partitions(), order, {}, &aws::Partition::id));
}

}  // namespace
}  // namespace arngate::vectors
