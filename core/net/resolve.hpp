#pragma once

#include "core/base/deadline.hpp"
#include "core/base/result.hpp"
#include "core/net/https_pool.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <vector>

namespace arngate::net {

/// The addresses of an endpoint, in the order to try them; an IP address is taken as it stands. Returns at the deadline
/// even when the system's resolver, which cannot be interrupted, does not: it is asked on a thread of its own, once for
/// all in the process who ask for a name at a time. Errors: sts_unreachable.
[[nodiscard]] boost::asio::awaitable<Result<std::vector<boost::asio::ip::tcp::endpoint>>> resolve(
    boost::asio::any_io_executor executor, Endpoint endpoint, Deadline deadline
);

}  // namespace arngate::net
