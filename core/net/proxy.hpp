#pragma once

#include "core/base/secret.hpp"
#include "core/net/https_pool.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace arngate::net {

/// An HTTP proxy that is asked to CONNECT (RFC 9110, section 9.3.6).
struct Proxy {
    Endpoint address;
    Secret authorization;  ///< value of Proxy-Authorization, empty for none

    /// "http://[user:password@]host[:port]", the scheme may be left out, the port is 80 if it is; user and password are
    /// percent-decoded. The error is for the operator and never repeats the text, which may hold a password.
    [[nodiscard]] static std::expected<Proxy, std::string> parse(std::string_view url);

    /// The request that opens a tunnel to `target`. Secret because of the authorization.
    [[nodiscard]] Secret connect_request(const Endpoint& target) const;
};

}  // namespace arngate::net
