#include "core/aws/partition.hpp"

#include "core/aws/added_partitions.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

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

/// What add_partition added. Readers take no lock: a place below `count` is never written again.
class Added {
public:
    /// Never destroyed: threads may read to the very end of the process.
    static Added& instance() {
        static Added& made = *std::make_unique<Added>().release();
        return made;
    }

    [[nodiscard]] std::span<const Partition> all() const noexcept {
        return std::span(partitions_).first(count_.load(std::memory_order_acquire));
    }

    [[nodiscard]] std::expected<void, std::string> add(const PartitionDefinition& definition);

private:
    std::string_view keep(const std::string& text) { return texts_.emplace_back(text); }

    std::mutex adding_;
    std::array<Partition, max_added_partitions> partitions_{};
    std::atomic<std::size_t> count_ = 0;
    std::deque<std::string> texts_;  ///< what the partitions point into
    std::deque<std::vector<std::string_view>> regions_;
};

/// Leaves room for the service and the region in front of it.
bool is_suffix(std::string_view text) {
    constexpr std::size_t max_suffix_bytes = 128;
    return text.size() <= max_suffix_bytes && is_dotted_host(text);
}

/// What is malformed in the definition.
std::optional<std::string> fault_of(const PartitionDefinition& definition) {
    if (!definition.id.starts_with("aws-") || !is_lower_label(definition.id)) {
        return "the id of a partition begins with aws- and holds lower-case letters, digits and inner hyphens";
    }
    if (!is_suffix(definition.dns_suffix)) {
        return "the suffix of a partition's hosts is a lower-case domain with a dot";
    }
    if (!definition.dual_stack_suffix.empty() && !is_suffix(definition.dual_stack_suffix)) {
        return "the suffix of a partition's dual-stack hosts is a lower-case domain with a dot";
    }
    if (definition.regions.empty() || definition.regions.size() > max_added_regions) {
        return "a partition has 1 to " + std::to_string(max_added_regions) + " regions";
    }
    if (!std::ranges::all_of(definition.regions, is_lower_label)) {
        return "a region is lower-case letters, digits and inner hyphens, at most 63";
    }
    return std::nullopt;
}

bool is_same(const Partition& partition, const PartitionDefinition& definition) {
    return partition.dns_suffix == definition.dns_suffix &&
           partition.dual_stack_suffix == definition.dual_stack_suffix &&
           std::ranges::equal(partition.regions, definition.regions);
}

std::expected<void, std::string> Added::add(const PartitionDefinition& definition) {
    if (auto fault = fault_of(definition)) {
        return std::unexpected(*std::move(fault));
    }
    PartitionDefinition sorted = definition;
    std::ranges::sort(sorted.regions);
    const auto repeated = std::ranges::unique(sorted.regions);
    sorted.regions.erase(repeated.begin(), repeated.end());

    const std::lock_guard lock(adding_);
    if (const Partition* known = find_partition(sorted.id)) {
        if (is_same(*known, sorted)) {
            return {};
        }
        return std::unexpected("the partition " + sorted.id + " is known already, with other hosts or regions");
    }
    for (const std::string& region : sorted.regions) {
        if (const Partition* owner = partition_of_region(region)) {
            return std::unexpected("the region " + region + " belongs to the partition " + std::string(owner->id));
        }
    }
    const std::size_t count = count_.load(std::memory_order_relaxed);
    if (count == partitions_.size()) {
        return std::unexpected("at most " + std::to_string(max_added_partitions) + " partitions can be added");
    }
    auto& regions = regions_.emplace_back();
    for (const std::string& region : sorted.regions) {
        regions.push_back(keep(region));
    }
    partitions_[count] = {
        .id = keep(sorted.id),
        .dns_suffix = keep(sorted.dns_suffix),
        .dual_stack_suffix = keep(sorted.dual_stack_suffix),
        .accepts_dual_stack = !sorted.dual_stack_suffix.empty(),
        .implicit_global_region = "",
        .regions = regions,
    };
    count_.store(count + 1, std::memory_order_release);
    return {};
}

const Partition* find_in(std::span<const Partition> all, std::string_view id) noexcept {
    const auto found = std::ranges::find(all, id, &Partition::id);
    return found == all.end() ? nullptr : &*found;
}

const Partition* find_region_in(std::span<const Partition> all, std::string_view region) noexcept {
    const auto found = std::ranges::find_if(all, [region](const Partition& partition) {
        return std::ranges::binary_search(partition.regions, region);
    });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace

std::span<const Partition> partitions() noexcept {
    return table;
}

const Partition* find_partition(std::string_view id) noexcept {
    const Partition* listed = find_in(table, id);
    return listed != nullptr ? listed : find_in(Added::instance().all(), id);
}

const Partition* partition_of_region(std::string_view region) noexcept {
    const Partition* listed = find_region_in(table, region);
    return listed != nullptr ? listed : find_region_in(Added::instance().all(), region);
}

std::expected<void, std::string> add_partition(const PartitionDefinition& definition) {
    return Added::instance().add(definition);
}

bool is_region_label(std::string_view text) noexcept {
    return !text.empty() && text::is_alnum(text.front()) && text::is_alnum(text.back()) &&
           std::ranges::all_of(text, [](char c) { return text::is_alnum(c) || c == '-'; });
}

bool is_lower_label(std::string_view text) noexcept {
    constexpr std::size_t max_label_bytes = 63;
    return text.size() <= max_label_bytes && is_region_label(text) &&
           std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_dotted_host(std::string_view text) {
    constexpr std::size_t max_host_bytes = 253;
    if (text.size() > max_host_bytes) {
        return false;
    }
    const auto labels = text::split(text, '.');
    return labels.size() >= 2 && std::ranges::all_of(labels, is_lower_label) &&
           !std::ranges::all_of(labels.back(), text::is_digit);
}

}  // namespace arngate::aws
