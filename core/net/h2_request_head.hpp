#pragma once

#include "core/net/https_pool.hpp"

#include <nghttp2/nghttp2.h>

#include <span>
#include <string>
#include <vector>

namespace arngate::net {

/// The header fields of a request as nghttp2 takes them. Targets and credentials are marked so that they never enter a
/// table of HPACK. They point into endpoint, request and this object, which must all live until nghttp2 has packed
/// them: it makes no copies.
class H2RequestHead {
public:
    /// Of a request that `check_request` has let through.
    H2RequestHead(const Endpoint& endpoint, const HttpRequest& request);
    H2RequestHead(const H2RequestHead&) = delete;
    H2RequestHead& operator=(const H2RequestHead&) = delete;
    ~H2RequestHead() = default;

    [[nodiscard]] std::span<const nghttp2_nv> fields() const noexcept { return fields_; }

private:
    std::string host_;
    std::string length_;
    std::vector<std::string> names_;
    std::vector<nghttp2_nv> fields_;
};

}  // namespace arngate::net
