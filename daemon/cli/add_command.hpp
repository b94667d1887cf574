#pragma once

#include "daemon/cli/surroundings.hpp"

#include <span>
#include <string>

namespace arngate::cli {

/// `add user` and `add role`: one entry into the ConfigMap kube-system/aws-auth. Gives the exit status. Under the
/// profile `reference` the messages are those of aws-iam-authenticator, and go to standard output as there.
[[nodiscard]] int run_add(std::span<const std::string> arguments, const Surroundings& surroundings);

}  // namespace arngate::cli
