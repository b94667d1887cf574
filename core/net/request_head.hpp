#pragma once

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/net/https_pool.hpp"

namespace arngate::net {

/// Whether a request can be sent to an endpoint at all, over whatever version of HTTP. Fails with internal_error when a
/// piece holds bytes that could end a line or change the framing. Pure.
[[nodiscard]] Result<void> check_request(const Endpoint& endpoint, const HttpRequest& request);

/// The bytes of an HTTP/1.1 request, its body included: one piece, so that one write sends it, and wiped after use.
/// Fails as `check_request` does. Pure.
[[nodiscard]] Result<Secret> request_head(const Endpoint& endpoint, const HttpRequest& request);

}  // namespace arngate::net
