#pragma once

#include "core/base/deadline.hpp"
#include "core/net/https_pool.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

namespace arngate::net {

/// Why an exchange without TLS gave no answer.
struct PlainFailure {
    enum class Kind : std::uint8_t {
        not_reached,  ///< no connection: nobody listens there, or no address
        no_answer,    ///< connected, and no answer in time or at all
        bad_answer,   ///< not HTTP, too large or cut short
        bad_request,  ///< the request itself is malformed
    };
    Kind kind = Kind::not_reached;
    std::string what;  ///< for people; shows nothing of request or answer
};

/// One HTTP/1.1 request without TLS on a connection of its own, for services of this machine (instance metadata,
/// container credentials) and endpoints that an operator wrote with "http://". No proxy. The name "localhost" is
/// 127.0.0.1. Redirects are answers like any other.
[[nodiscard]] boost::asio::awaitable<std::expected<HttpResponse, PlainFailure>> plain_exchange(
    boost::asio::any_io_executor executor,
    Endpoint endpoint,
    HttpRequest request,
    std::size_t max_body_bytes,
    Deadline deadline
);

}  // namespace arngate::net
