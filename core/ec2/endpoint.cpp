#include "core/ec2/endpoint.hpp"

#include <cstddef>

namespace arngate::ec2 {

std::string host_for_region(const aws::Partition& partition, std::string_view region, aws::EndpointVariant variant) {
    constexpr std::size_t max_label_bytes = 63;
    if (region.size() > max_label_bytes || !aws::is_region_label(region) || region.ends_with("-global")) {
        return {};
    }
    const bool fips = variant == aws::EndpointVariant::fips || variant == aws::EndpointVariant::fips_dual_stack;
    const bool dual_stack =
        variant == aws::EndpointVariant::dual_stack || variant == aws::EndpointVariant::fips_dual_stack;
    if (dual_stack && partition.dual_stack_suffix.empty()) {
        return {};
    }
    // In aws-us-gov the plain host is the FIPS host.
    std::string host = fips && (dual_stack || partition.id != "aws-us-gov") ? "ec2-fips." : "ec2.";
    host += region;
    host += '.';
    host += dual_stack ? partition.dual_stack_suffix : partition.dns_suffix;
    return host;
}

}  // namespace arngate::ec2
