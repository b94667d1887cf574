#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

namespace arngate::aws {

/// A partition that is newer than this program, as an operator describes it.
struct PartitionDefinition {
    std::string id;                    ///< as ARNs have it, "aws-…"
    std::string dns_suffix;            ///< of regional endpoints, e.g. "amazonaws.eu"
    std::string dual_stack_suffix;     ///< of dual-stack endpoints; empty: it has none
    std::vector<std::string> regions;  ///< at least one
};

inline constexpr std::size_t max_added_partitions = 8;
inline constexpr std::size_t max_added_regions = 64;

/// Makes the partition known to find_partition and partition_of_region, and with them to whatever reads ARNs or names
/// hosts, in the whole process until it ends: what an ARN is must not depend on which part of the program reads it. May
/// be called at any time from any thread; what is known already is left as it is. Fails with a text for the operator: a
/// malformed field, an id that means another partition already, a region that is another partition's, or one partition
/// more than max_added_partitions. Trusts nobody by itself: hosts are accepted of the partition that a server is told
/// to serve.
[[nodiscard]] std::expected<void, std::string> add_partition(const PartitionDefinition& definition);

}  // namespace arngate::aws
