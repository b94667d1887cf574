#pragma once

#include "core/aws/partition.hpp"
#include "core/aws/sts_hosts.hpp"

#include <string>
#include <string_view>

namespace arngate::ec2 {

/// The EC2 endpoint of a region (AWS general reference, "Amazon EC2 endpoints and quotas"). The region may be newer
/// than the partition's list. Empty if it is not a host label, a pseudo region, or of a
/// partition without such hosts.
[[nodiscard]] std::string host_for_region(
    const aws::Partition& partition, std::string_view region, aws::EndpointVariant variant
);

}  // namespace arngate::ec2
