#include "core/aws/partition.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace arngate::aws {
namespace {

// The data of the AWS SDKs' partition and endpoint tables. tests/core/aws compares it with
// tests/vectors/partitions.json.
constexpr auto aws_regions = std::to_array<std::string_view>(
    {"af-south-1",     "ap-east-1",      "ap-east-2",      "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
     "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
     "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "aws-global",     "ca-central-1",   "ca-west-1",
     "eu-central-1",   "eu-central-2",   "eu-north-1",     "eu-south-1",     "eu-south-2",     "eu-west-1",
     "eu-west-2",      "eu-west-3",      "il-central-1",   "me-central-1",   "me-south-1",     "me-west-1",
     "mx-central-1",   "sa-east-1",      "sa-west-1",      "us-east-1",      "us-east-2",      "us-west-1",
     "us-west-2"}
);
constexpr auto aws_cn_regions = std::to_array<std::string_view>({"aws-cn-global", "cn-north-1", "cn-northwest-1"});
constexpr auto aws_us_gov_regions =
    std::to_array<std::string_view>({"aws-us-gov-global", "us-gov-east-1", "us-gov-west-1"});
constexpr auto aws_iso_regions = std::to_array<std::string_view>({"aws-iso-global", "us-iso-east-1", "us-iso-west-1"});
constexpr auto aws_iso_b_regions =
    std::to_array<std::string_view>({"aws-iso-b-global", "us-isob-east-1", "us-isob-west-1"});
constexpr auto aws_iso_e_regions = std::to_array<std::string_view>({"aws-iso-e-global", "eu-isoe-west-1"});
constexpr auto aws_iso_f_regions =
    std::to_array<std::string_view>({"aws-iso-f-global", "us-isof-east-1", "us-isof-south-1"});
constexpr auto aws_eusc_regions = std::to_array<std::string_view>({"eusc-de-east-1"});

constexpr auto table = std::to_array<Partition>({
    {.id = "aws",
     .dns_suffix = "amazonaws.com",
     .dual_stack_suffix = "api.aws",
     .accepts_dual_stack = true,
     .implicit_global_region = "aws-global",
     .regions = aws_regions},
    {.id = "aws-cn",
     .dns_suffix = "amazonaws.com.cn",
     .dual_stack_suffix = "api.amazonwebservices.com.cn",
     .accepts_dual_stack = true,
     .implicit_global_region = "aws-cn-global",
     .regions = aws_cn_regions},
    {.id = "aws-us-gov",
     .dns_suffix = "amazonaws.com",
     .dual_stack_suffix = "api.aws",
     .accepts_dual_stack = true,
     .implicit_global_region = "aws-us-gov-global",
     .regions = aws_us_gov_regions},
    {.id = "aws-iso",
     .dns_suffix = "c2s.ic.gov",
     .dual_stack_suffix = "api.aws.ic.gov",
     .accepts_dual_stack = false,
     .implicit_global_region = "aws-iso-global",
     .regions = aws_iso_regions},
    {.id = "aws-iso-b",
     .dns_suffix = "sc2s.sgov.gov",
     .dual_stack_suffix = "api.aws.scloud",
     .accepts_dual_stack = false,
     .implicit_global_region = "aws-iso-b-global",
     .regions = aws_iso_b_regions},
    {.id = "aws-iso-e",
     .dns_suffix = "cloud.adc-e.uk",
     .dual_stack_suffix = "api.cloud-aws.adc-e.uk",
     .accepts_dual_stack = false,
     .implicit_global_region = "aws-iso-e-global",
     .regions = aws_iso_e_regions},
    {.id = "aws-iso-f",
     .dns_suffix = "csp.hci.ic.gov",
     .dual_stack_suffix = "api.aws.hci.ic.gov",
     .accepts_dual_stack = false,
     .implicit_global_region = "aws-iso-f-global",
     .regions = aws_iso_f_regions},
    {.id = "aws-eusc",
     .dns_suffix = "amazonaws.eu",
     .dual_stack_suffix = "api.amazonwebservices.eu",
     .accepts_dual_stack = true,
     .implicit_global_region = "",
     .regions = aws_eusc_regions},
});

}  // namespace

std::span<const Partition> partitions() noexcept {
    return table;
}

const Partition* find_partition(std::string_view id) noexcept {
    const auto found = std::ranges::find(table, id, &Partition::id);
    return found == table.end() ? nullptr : &*found;
}

const Partition* partition_of_region(std::string_view region) noexcept {
    const auto lists = [region](const Partition& partition) {
        return std::ranges::binary_search(partition.regions, region);
    };
    const auto found = std::ranges::find_if(table, lists);
    return found == table.end() ? nullptr : &*found;
}

bool is_region_label(std::string_view text) noexcept {
    return !text.empty() && text::is_alnum(text.front()) && text::is_alnum(text.back()) &&
           std::ranges::all_of(text, [](char c) { return text::is_alnum(c) || c == '-'; });
}

}  // namespace arngate::aws
