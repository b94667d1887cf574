#include "core/aws/sts_hosts.hpp"
#include "core/base/text.hpp"
#include "tests/core/base/seed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::aws {
namespace {

using Labels = std::vector<std::string>;

constexpr auto foreign_domains = std::to_array<std::string_view>(
    {"example.com",
     "example.net",
     "amazonaws.co",
     "amazonaws.org",
     "amazonaws.com.evil.example",
     "amazonaws-com.example",
     "xn--amazonaws-x.com",
     "aws",
     "com",
     "api.aws.example",
     "sts.example"}
);
constexpr auto familiar_words = std::to_array<std::string_view>(
    {"sts",
     "sts-fips",
     "aws",
     "amazonaws",
     "com",
     "cn",
     "api",
     "global",
     "aws-global",
     "us-east-1",
     "us-gov-west-1",
     "cn-north-1",
     "us-iso-east-1",
     "eusc-de-east-1",
     "vpce",
     "fips",
     "dualstack",
     "s3",
     "ec2",
     "iam",
     "localhost",
     "x",
     ""}
);
constexpr auto other_services =
    std::to_array<std::string_view>({"s3", "ec2", "iam", "sso", "execute-api", "lambda", "sts1", "xsts", "sts-", "STS"}
    );
constexpr auto literals = std::to_array<std::string_view>(
    {"127.0.0.1", "169.254.169.254", "[::1]", "[fe80::1]", "2130706433", "0x7f000001", "::1", "10.0.0.1.nip.io"}
);
constexpr auto tails = std::to_array<std::string_view>(
    {".", "..", ":443", ":", ":80", "/", "?", "#", "@example.com", "%00", " ", "\t", "\r\n", "\\", ".example.com"}
);

Labels split(std::string_view host) {
    Labels out;
    for (const auto label : text::split(host, '.')) {
        out.emplace_back(label);
    }
    return out;
}

std::string join(const Labels& labels) {
    std::string out;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        out += i == 0 ? "" : ".";
        out += labels[i];
    }
    return out;
}

/// One change to a host, of a kind that an attacker might try.
std::string mutate(const std::string& host, Dice& dice) {
    Labels labels = split(host);
    const std::size_t at = dice.below(labels.size());
    switch (dice.below(12)) {
        case 0:
            labels.insert(labels.begin() + static_cast<std::ptrdiff_t>(at), std::string(dice.pick(familiar_words)));
            return join(labels);
        case 1:
            labels.erase(labels.begin() + static_cast<std::ptrdiff_t>(at));
            return join(labels);
        case 2:
            labels[at] = dice.pick(familiar_words);
            return join(labels);
        case 3:
            std::swap(labels[at], labels[dice.below(labels.size())]);
            return join(labels);
        case 4:
            labels[0] = dice.pick(other_services);
            return join(labels);
        case 5:
            return labels[0] + "." + labels[at] + "." + std::string(dice.pick(foreign_domains));
        case 6:
            return host + "." + std::string(dice.pick(foreign_domains));
        case 7:
            return host + std::string(dice.pick(tails));
        case 8: {
            std::string out = host;
            char& c = out[dice.below(out.size())];
            c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : '_';
            return out;
        }
        case 9: {
            std::string out = host;
            out.insert(dice.below(out.size() + 1), 1, static_cast<char>(dice.below(256)));
            return out;
        }
        case 10:
            return std::string(dice.pick(literals));
        default: {
            const Partition& partition = dice.pick(partitions());
            const std::string region(dice.pick(dice.pick(partitions()).regions));
            const std::string_view suffix = dice.coin() ? partition.dns_suffix : partition.dual_stack_suffix;
            return (dice.coin() ? "sts." : "sts-fips.") + region + "." + std::string(suffix);
        }
    }
}

TEST(StsHostsProperty, OnlyExactEntriesPass) {
    Dice dice(test_seed());
    for (const Partition& partition : partitions()) {
        StsHostOptions options;
        options.partition = partition.id;
        options.extra_regions = {"zz-moon-1"};
        options.extra_hosts = {"vpce-1.sts.us-east-1.vpce.amazonaws.com"};
        const auto table = StsHostTable::build(options);
        ASSERT_TRUE(table.has_value()) << table.error();
        const auto names = table->names();
        const std::set<std::string_view> exact(names.begin(), names.end());
        std::size_t refused = 0;
        for (const std::string_view entry : names) {
            for (int round = 0; round < 60; ++round) {
                std::string host(entry);
                const std::size_t changes = 1 + dice.below(2);
                for (std::size_t i = 0; i < changes; ++i) {
                    host = host.empty() ? std::string(entry) : mutate(host, dice);
                }
                EXPECT_EQ(table->find(host) != nullptr, exact.contains(host)) << partition.id << " " << host;
                if (!exact.contains(host)) {
                    ++refused;
                }
            }
        }
        EXPECT_GT(refused, names.size() * 40) << "most changes must lead out of the table, or the test proves nothing";
    }
}

/// Independent of the code: what an entry must look like, label by label.
TEST(StsHostsProperty, EveryEntryLiesUnderADomainOfItsPartition) {
    for (const Partition& partition : partitions()) {
        StsHostOptions options;
        options.partition = partition.id;
        const auto table = StsHostTable::build(options);
        ASSERT_TRUE(table.has_value());
        for (const std::string_view name : table->names()) {
            if (name == "sts.amazonaws.com") {
                EXPECT_EQ(partition.id, "aws");
                continue;
            }
            const auto first = name.find('.');
            const auto second = name.find('.', first + 1);
            const std::string_view service = name.substr(0, first);
            const std::string_view region = name.substr(first + 1, second - first - 1);
            const std::string_view domain = name.substr(second + 1);
            EXPECT_TRUE(service == "sts" || service == "sts-fips") << name;
            EXPECT_TRUE(std::ranges::binary_search(partition.regions, region)) << name;
            EXPECT_TRUE(
                domain == partition.dns_suffix ||
                (partition.accepts_dual_stack && domain == partition.dual_stack_suffix)
            ) << name;
            EXPECT_EQ(name, text::to_lower(name));
        }
    }
}

TEST(StsHostsProperty, NoEntryIsSharedByPartitions) {
    std::set<std::string> seen;
    for (const Partition& partition : partitions()) {
        StsHostOptions options;
        options.partition = partition.id;
        const auto table = StsHostTable::build(options);
        ASSERT_TRUE(table.has_value());
        for (const std::string_view name : table->names()) {
            EXPECT_TRUE(seen.insert(std::string(name)).second) << partition.id << " " << name;
        }
    }
}

}  // namespace
}  // namespace arngate::aws
