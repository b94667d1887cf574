#pragma once

#include "config/aws_auth.hpp"
#include "config/document.hpp"
#include "core/kube/api_client.hpp"

#include <expected>
#include <variant>

namespace arngate::cli {

/// Why an entry was not added: the API server did not have it, or the map as it stands does not take it.
using AddFailure = std::variant<kube::ApiError, config::AwsAuthRefusal>;

/// Reads kube-system/aws-auth, adds the entry and writes the object back, again from the start when somebody else wrote
/// in between (a bounded number of times). Gives the object as the server then has it. Never creates it. Blocks, on an
/// event loop of its own.
[[nodiscard]] std::expected<config::Node, AddFailure> add_to_aws_auth(
    kube::Access access, const config::AwsAuthEntry& entry
);

}  // namespace arngate::cli
