#include "tests/support/fake_sts/known_hosts.hpp"

#include "core/aws/partition.hpp"
#include "core/aws/sts_hosts.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>

namespace arngate::fake_sts {

Regions known_sts_hosts() {
    Regions regions;
    for (const aws::Partition& partition : aws::partitions()) {
        aws::StsHostOptions options;
        options.partition = partition.id;
        const auto table = aws::StsHostTable::build(options);
        if (!table) {
            throw std::runtime_error(table.error());
        }
        for (const std::string_view name : table->names()) {
            const std::string& region = table->find(name)->region;
            regions.emplace(name, region == "global" ? "us-east-1" : region);
        }
    }
    return regions;
}

Regions known_ec2_hosts() {
    Regions regions;
    for (const aws::Partition& partition : aws::partitions()) {
        for (const std::string_view region : partition.regions) {
            if (!region.ends_with("-global")) {
                regions.emplace(fmt::format("ec2.{}.{}", region, partition.dns_suffix), region);
            }
        }
    }
    return regions;
}

}  // namespace arngate::fake_sts
