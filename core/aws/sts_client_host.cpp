#include "core/aws/partition.hpp"
#include "core/aws/sts_hosts.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

// The host that a client of a region talks to. Only minting uses it: here a name may be completed by a pattern, as the
// AWS SDKs do, because a wrong guess only makes a token that nobody accepts.

namespace arngate::aws {
namespace {

constexpr std::string_view aws_global = "aws-global";
constexpr std::size_t max_label_bytes = 63;

/// The SDKs' region patterns `^<prefix>-\w+-\d+$`, for regions that no list names.
struct RegionPattern {
    std::string_view partition;
    std::string_view prefix;
};
constexpr auto patterns = std::to_array<RegionPattern>({
    {"aws", "us-"},
    {"aws", "eu-"},
    {"aws", "ap-"},
    {"aws", "sa-"},
    {"aws", "ca-"},
    {"aws", "me-"},
    {"aws", "af-"},
    {"aws", "il-"},
    {"aws", "mx-"},
    {"aws-cn", "cn-"},
    {"aws-eusc", "eusc-de-"},
    {"aws-iso", "us-iso-"},
    {"aws-iso-b", "us-isob-"},
    {"aws-iso-e", "eu-isoe-"},
    {"aws-iso-f", "us-isof-"},
    {"aws-us-gov", "us-gov-"},
});

bool matches(const RegionPattern& pattern, std::string_view region) {
    if (!region.starts_with(pattern.prefix)) {
        return false;
    }
    const std::string_view rest = region.substr(pattern.prefix.size());
    const auto hyphen = rest.find('-');
    if (hyphen == 0 || hyphen == std::string_view::npos || hyphen + 1 == rest.size()) {
        return false;
    }
    return std::ranges::all_of(rest.substr(hyphen + 1), text::is_digit);  // no second hyphen, so the word has none
}

void erase_all(std::string& text, std::string_view what, std::string_view by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
}

/// "fips-us-east-1" and "us-east-1-fips" are old spellings of us-east-1 with FIPS endpoints. True if it was one.
bool strip_fips_marker(std::string& region) {
    const std::string before = region;
    erase_all(region, "-fips-", "-");
    erase_all(region, "fips-", "");
    erase_all(region, "-fips", "");
    return region != before;
}

}  // namespace

const Partition& partition_for_client(std::string_view region) {
    if (const Partition* listed = partition_of_region(region)) {
        return *listed;
    }
    const auto found =
        std::ranges::find_if(patterns, [region](const RegionPattern& pattern) { return matches(pattern, region); });
    return *find_partition(found == patterns.end() ? "aws" : found->partition);
}

std::string sts_host_for_client(std::string_view region, EndpointVariant variant) {
    if (region == aws_global && variant == EndpointVariant::plain) {
        return "sts.amazonaws.com";
    }
    return service_host_for_client("sts", region, variant);
}

std::string service_host_for_client(std::string_view prefix, std::string_view region, EndpointVariant variant) {
    std::string name(region);
    const bool marked_fips = strip_fips_marker(name);
    if (name.size() > max_label_bytes || !is_region_label(name)) {
        return {};
    }
    const bool fips = marked_fips || variant == EndpointVariant::fips || variant == EndpointVariant::fips_dual_stack;
    const bool dual_stack = variant == EndpointVariant::dual_stack || variant == EndpointVariant::fips_dual_stack;
    const Partition& partition = partition_for_client(name);
    if (dual_stack && partition.dual_stack_suffix.empty()) {
        return {};
    }
    // In aws-us-gov the plain host is the FIPS host.
    const bool marked = fips && (dual_stack || partition.id != "aws-us-gov");
    std::string host(prefix);
    host += marked ? "-fips." : ".";
    host += name;
    host += '.';
    host += dual_stack ? partition.dual_stack_suffix : partition.dns_suffix;
    return host;
}

std::string sts_signing_region(std::string_view region) {
    std::string name(region);
    strip_fips_marker(name);
    return name == aws_global ? "us-east-1" : name;
}

}  // namespace arngate::aws
