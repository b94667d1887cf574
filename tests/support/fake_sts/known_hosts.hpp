#pragma once

#include <functional>
#include <map>
#include <string>

namespace arngate::fake_sts {

/// Host → region of the credential scope that it takes.
using Regions = std::map<std::string, std::string, std::less<>>;

/// Every STS host of every partition that this build lists.
[[nodiscard]] Regions known_sts_hosts();
/// The same of EC2, plain regional hosts alone.
[[nodiscard]] Regions known_ec2_hosts();

}  // namespace arngate::fake_sts
