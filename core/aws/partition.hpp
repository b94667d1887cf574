#pragma once

#include <span>
#include <string_view>

namespace arngate::aws {

/// One AWS partition, from the data that the AWS SDKs ship. A region or partition that is newer than this program is
/// added by configuration (`sts.extraRegions`, `sts.partitions`); nothing is ever guessed from the form of a name.
struct Partition {
    std::string_view id;                      ///< "aws", "aws-cn", …
    std::string_view dns_suffix;              ///< of regional endpoints, e.g. "amazonaws.com"
    std::string_view dual_stack_suffix;       ///< of dual-stack endpoints, e.g. "api.aws"; empty: it has none
    bool accepts_dual_stack = false;          ///< whether dual-stack hosts are accepted in tokens
    std::string_view implicit_global_region;  ///< the pseudo region of global services, e.g. "aws-global"; may be empty
    std::span<const std::string_view> regions;  ///< sorted; pseudo regions included
};

/// The partitions that this build lists, in the order in which help texts list them.
[[nodiscard]] std::span<const Partition> partitions() noexcept;
// The next two know those of add_partition, too. What they point to lives as long as the process.

/// The partition of exactly this id, or nullptr.
[[nodiscard]] const Partition* find_partition(std::string_view id) noexcept;
/// The partition that lists this region, or nullptr.
[[nodiscard]] const Partition* partition_of_region(std::string_view region) noexcept;
/// Whether the text has the shape of a region label: letters, digits and inner hyphens.
[[nodiscard]] bool is_region_label(std::string_view text) noexcept;
/// A region label in lower case that DNS takes (RFC 1035, section 2.3.4).
[[nodiscard]] bool is_lower_label(std::string_view text) noexcept;
/// A DNS name of at least two such labels whose last one is not a number, so neither an address nor a bare word.
[[nodiscard]] bool is_dotted_host(std::string_view text);

}  // namespace arngate::aws
