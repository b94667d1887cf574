#pragma once

#include "config/settings.hpp"

#include <functional>
#include <string>

namespace arngate {

/// The region this process runs in: sts.region, else, with sts.regionFromMetadata, what the instance says; empty when
/// neither tells. Asks nobody while AWS_EC2_METADATA_DISABLED is "true". Blocks for half a second at most, and logs
/// what came of asking.
[[nodiscard]] std::string own_region(
    const config::Settings& settings, const std::function<const char*(const char* name)>& environment
);

}  // namespace arngate
