#include "core/aws/sts_hosts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::aws {
namespace {

StsHostTable table_of(std::string partition) {
    StsHostOptions options;
    options.partition = std::move(partition);
    return StsHostTable::build(options).value();
}

std::vector<std::string> names_of(const StsHostOptions& options) {
    const auto table = StsHostTable::build(options).value();
    const auto names = table.names();
    return {names.begin(), names.end()};
}

TEST(StsHosts, HasEachVariantOfARegion) {
    const auto table = table_of("aws");
    for (const std::string_view host :
         {"sts.eu-west-1.amazonaws.com",
          "sts-fips.eu-west-1.amazonaws.com",
          "sts.eu-west-1.api.aws",
          "sts-fips.eu-west-1.api.aws"}) {
        ASSERT_NE(table.find(host), nullptr) << host;
        EXPECT_EQ(table.find(host)->name, host);
        EXPECT_EQ(table.find(host)->region, "eu-west-1");
    }
}

TEST(StsHosts, HasTheGlobalHostInTheCommercialPartitionOnly) {
    const auto commercial = table_of("aws");
    ASSERT_NE(commercial.find("sts.amazonaws.com"), nullptr);
    EXPECT_EQ(commercial.find("sts.amazonaws.com")->region, "global");
    EXPECT_EQ(commercial.find("sts.aws-global.amazonaws.com"), nullptr);
    for (const Partition& partition : partitions()) {
        StsHostOptions options;
        options.partition = partition.id;
        options.accept_sibling_partition = true;
        const bool found = StsHostTable::build(options)->find("sts.amazonaws.com") != nullptr;
        EXPECT_EQ(found, partition.id == "aws") << partition.id;
    }
}

TEST(StsHosts, HasNoFipsNameUnderThePlainDomainOfGov) {
    const auto table = table_of("aws-us-gov");
    EXPECT_NE(table.find("sts.us-gov-west-1.amazonaws.com"), nullptr);
    EXPECT_NE(table.find("sts-fips.us-gov-west-1.api.aws"), nullptr);
    EXPECT_EQ(table.find("sts-fips.us-gov-west-1.amazonaws.com"), nullptr);
}

TEST(StsHosts, KeepsSiblingsApartUnlessTold) {
    EXPECT_EQ(table_of("aws").find("sts.us-gov-west-1.amazonaws.com"), nullptr);
    EXPECT_EQ(table_of("aws-us-gov").find("sts.us-east-1.amazonaws.com"), nullptr);
    StsHostOptions options;
    options.accept_sibling_partition = true;
    EXPECT_NE(StsHostTable::build(options)->find("sts.us-gov-west-1.amazonaws.com"), nullptr);
    options.partition = "aws-us-gov";
    EXPECT_NE(StsHostTable::build(options)->find("sts.us-east-1.amazonaws.com"), nullptr);
    options.partition = "aws-cn";
    StsHostOptions plain_cn;
    plain_cn.partition = "aws-cn";
    EXPECT_EQ(names_of(options), names_of(plain_cn));
}

TEST(StsHosts, AddsAllVariantsOfAnExtraRegion) {
    StsHostOptions options;
    options.extra_regions = {"xx-moon-1"};
    const auto table = StsHostTable::build(options);
    ASSERT_TRUE(table.has_value());
    EXPECT_EQ(table->size(), table_of("aws").size() + 4);
    EXPECT_NE(table->find("sts-fips.xx-moon-1.api.aws"), nullptr);
}

TEST(StsHosts, AddsPlainAndDualStackOfItsOwnRegion) {
    StsHostOptions options;
    options.own_region = "xx-moon-1";
    const auto table = StsHostTable::build(options);
    ASSERT_TRUE(table.has_value());
    EXPECT_EQ(table->size(), table_of("aws").size() + 2);
    EXPECT_NE(table->find("sts.xx-moon-1.amazonaws.com"), nullptr);
    EXPECT_NE(table->find("sts.xx-moon-1.api.aws"), nullptr);
    EXPECT_EQ(table->find("sts-fips.xx-moon-1.amazonaws.com"), nullptr);
}

TEST(StsHosts, AddsNoDualStackWhereThePartitionAcceptsNone) {
    StsHostOptions options;
    options.partition = "aws-iso";
    options.own_region = "us-iso-moon-1";
    const auto table = StsHostTable::build(options);
    ASSERT_TRUE(table.has_value());
    EXPECT_EQ(table->size(), table_of("aws-iso").size() + 1);
    EXPECT_EQ(table->find("sts.us-iso-moon-1.api.aws.ic.gov"), nullptr);
}

TEST(StsHosts, AddsNothingForARegionThatItLists) {
    StsHostOptions options;
    options.own_region = "us-east-1";
    options.extra_regions = {"us-east-1", "aws-global"};
    EXPECT_EQ(names_of(options), names_of(StsHostOptions()));
    options.own_region = "aws-global";
    EXPECT_EQ(names_of(options), names_of(StsHostOptions()));
}

TEST(StsHosts, AddsWholeExtraHosts) {
    StsHostOptions options;
    options.extra_hosts = {"vpce-0abc.sts.us-east-1.vpce.amazonaws.com", "sts.us-east-1.amazonaws.com"};
    const auto table = StsHostTable::build(options);
    ASSERT_TRUE(table.has_value());
    EXPECT_EQ(table->size(), table_of("aws").size() + 1);
    EXPECT_EQ(table->find("vpce-0abc.sts.us-east-1.vpce.amazonaws.com")->region, "extra");
    EXPECT_EQ(table->find("sts.us-east-1.amazonaws.com")->region, "us-east-1");
    EXPECT_EQ(table->find("sts.us-east-1.vpce.amazonaws.com"), nullptr);
}

TEST(StsHosts, RefusesUnknownPartitions) {
    for (const std::string partition : {"", "AWS", "aws-moon"}) {
        StsHostOptions options;
        options.partition = partition;
        const auto table = StsHostTable::build(options);
        ASSERT_FALSE(table.has_value()) << partition;
        EXPECT_NE(table.error().find("aws-us-gov"), std::string::npos) << "the text lists what is known";
    }
}

TEST(StsHosts, RefusesMalformedRegions) {
    const std::string longest(63, 'a');
    for (const std::string& region :
         {std::string("us_east_1"),
          std::string("US-EAST-1"),
          std::string("-a"),
          std::string("a-"),
          std::string("a.b"),
          std::string("a b"),
          std::string("a\n"),
          longest + "a"}) {
        StsHostOptions own;
        own.own_region = region;
        EXPECT_FALSE(StsHostTable::build(own).has_value()) << region;
        StsHostOptions extra;
        extra.extra_regions = {region};
        EXPECT_FALSE(StsHostTable::build(extra).has_value()) << region;
    }
    StsHostOptions edge;
    edge.own_region = longest;
    EXPECT_TRUE(StsHostTable::build(edge).has_value());
    StsHostOptions empty;
    empty.extra_regions = {""};
    EXPECT_FALSE(StsHostTable::build(empty).has_value());
}

TEST(StsHosts, RefusesAnExtraRegionOfAnotherPartition) {
    StsHostOptions options;
    options.extra_regions = {"us-gov-west-1"};
    const auto table = StsHostTable::build(options);
    ASSERT_FALSE(table.has_value());
    EXPECT_NE(table.error().find("aws-us-gov"), std::string::npos);
}

TEST(StsHosts, RefusesMalformedExtraHosts) {
    std::string long_host;
    while (long_host.size() < 252) {
        long_host += "a.";
    }
    for (const std::string& host :
         {std::string(),
          std::string("localhost"),
          std::string("sts.example.com:443"),
          std::string("https://sts.example.com"),
          std::string("sts.example.com/"),
          std::string("sts.example.com."),
          std::string(".example.com"),
          std::string("sts..example.com"),
          std::string("STS.example.com"),
          std::string("127.0.0.1"),
          std::string("[::1]"),
          std::string("u@sts.example.com"),
          std::string("*.example.com"),
          long_host + "aa"}) {
        StsHostOptions options;
        options.extra_hosts = {host};
        EXPECT_FALSE(StsHostTable::build(options).has_value()) << host;
    }
    StsHostOptions edge;
    edge.extra_hosts = {long_host + "a"};
    EXPECT_TRUE(StsHostTable::build(edge).has_value());
}

TEST(StsHosts, ErrorTextsCarryNoControlBytes) {
    StsHostOptions options;
    options.extra_hosts = {"a\x1b[31m.b\r\n"};
    const auto table = StsHostTable::build(options);
    ASSERT_FALSE(table.has_value());
    EXPECT_EQ(table.error().find_first_of("\x1b\r\n"), std::string::npos);
}

TEST(StsHosts, NamesAreSortedAndFindable) {
    const auto table = table_of("aws");
    const auto names = table.names();
    EXPECT_TRUE(std::ranges::is_sorted(names));
    EXPECT_EQ(names.size(), table.size());
    for (const std::string_view name : names) {
        EXPECT_NE(table.find(name), nullptr) << name;
    }
}

struct ClientHost {
    std::string_view region;
    EndpointVariant variant;
    std::string_view host;
};

TEST(StsHosts, GivesClientsTheHostOfTheirRegion) {
    using enum EndpointVariant;
    for (const auto& [region, variant, host] : std::initializer_list<ClientHost>{
             {"us-east-1", plain, "sts.us-east-1.amazonaws.com"},
             {"us-east-1", fips, "sts-fips.us-east-1.amazonaws.com"},
             {"us-east-1", dual_stack, "sts.us-east-1.api.aws"},
             {"us-east-1", fips_dual_stack, "sts-fips.us-east-1.api.aws"},
             {"fips-us-east-1", plain, "sts-fips.us-east-1.amazonaws.com"},
             {"us-east-1-fips", plain, "sts-fips.us-east-1.amazonaws.com"},
             {"us-east-1-fips", dual_stack, "sts-fips.us-east-1.api.aws"},
             {"us-fips-east-1", plain, "sts-fips.us-east-1.amazonaws.com"},
             {"aws-global", plain, "sts.amazonaws.com"},
             {"aws-global", fips, "sts-fips.aws-global.amazonaws.com"},
             {"aws-global", dual_stack, "sts.aws-global.api.aws"},
             {"us-gov-west-1", plain, "sts.us-gov-west-1.amazonaws.com"},
             {"us-gov-west-1", fips, "sts.us-gov-west-1.amazonaws.com"},
             {"us-gov-west-1", fips_dual_stack, "sts-fips.us-gov-west-1.api.aws"},
             {"us-gov-moon-9", fips, "sts.us-gov-moon-9.amazonaws.com"},
             {"cn-moon-7", plain, "sts.cn-moon-7.amazonaws.com.cn"},
             {"us-iso-moon-7", plain, "sts.us-iso-moon-7.c2s.ic.gov"},
             {"us-isob-moon-7", plain, "sts.us-isob-moon-7.sc2s.sgov.gov"},
             {"eu-isoe-moon-7", plain, "sts.eu-isoe-moon-7.cloud.adc-e.uk"},
             {"us-isof-moon-7", plain, "sts.us-isof-moon-7.csp.hci.ic.gov"},
             {"us-iso-east-1", dual_stack, "sts.us-iso-east-1.api.aws.ic.gov"},
             {"eusc-de-moon-7", plain, "sts.eusc-de-moon-7.amazonaws.eu"},
             {"eusc-fr-moon-7", plain, "sts.eusc-fr-moon-7.amazonaws.com"},
             {"cn-moon", plain, "sts.cn-moon.amazonaws.com"},
             {"cn-moon-x", plain, "sts.cn-moon-x.amazonaws.com"},
             {"cn--7", plain, "sts.cn--7.amazonaws.com"},
             {"anything", plain, "sts.anything.amazonaws.com"},
         }) {
        EXPECT_EQ(sts_host_for_client(region, variant), host) << region;
    }
}

TEST(StsHosts, GivesClientsNoHostForAMalformedRegion) {
    for (const std::string& region :
         {std::string(),
          std::string("evil.example.com/"),
          std::string("a.b"),
          std::string("a b"),
          std::string("-a"),
          std::string("fips-"),
          std::string("@x"),
          std::string(64, 'a')}) {
        EXPECT_EQ(sts_host_for_client(region), "") << region;
    }
}

TEST(StsHosts, SignsForTheRegionBehindTheName) {
    EXPECT_EQ(sts_signing_region("eu-west-1"), "eu-west-1");
    EXPECT_EQ(sts_signing_region("aws-global"), "us-east-1");
    EXPECT_EQ(sts_signing_region("fips-us-west-2"), "us-west-2");
    EXPECT_EQ(sts_signing_region("us-west-2-fips"), "us-west-2");
}

}  // namespace
}  // namespace arngate::aws
