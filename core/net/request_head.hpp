#pragma once

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/net/https_pool.hpp"

namespace arngate::net {

/// The bytes of a request, its body included: one piece, so that one write sends it, and wiped after use. Fails with
/// internal_error when a piece holds bytes that could end a line or change the framing. Pure.
[[nodiscard]] Result<Secret> request_head(const Endpoint& endpoint, const HttpRequest& request);

}  // namespace arngate::net
