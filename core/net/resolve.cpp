#include "core/net/resolve.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace arngate::net {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// More addresses than this would leave each too little of the deadline.
constexpr std::size_t max_addresses = 8;

// Shared by the waiting coroutine and the resolver's handler, so that either may end first.
struct Lookup {
    explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), answered(executor) {}

    tcp::resolver resolver;
    asio::steady_timer answered;  // cancelled by the answer, expires at the deadline
    std::optional<boost::system::error_code> error;
    std::vector<tcp::endpoint> addresses;
};

}  // namespace

asio::awaitable<Result<std::vector<tcp::endpoint>>> resolve(
    asio::any_io_executor executor, Endpoint endpoint, Deadline deadline
) {
    boost::system::error_code not_an_address;
    const auto address = asio::ip::make_address(endpoint.host, not_an_address);
    if (!not_an_address) {
        std::vector<tcp::endpoint> one;
        one.emplace_back(address, endpoint.port);
        co_return one;
    }

    auto lookup = std::make_shared<Lookup>(executor);
    lookup->answered.expires_at(deadline.at());
    lookup->resolver.async_resolve(
        endpoint.host,
        std::to_string(endpoint.port),
        asio::ip::resolver_base::address_configured | asio::ip::resolver_base::numeric_service,
        [lookup](const boost::system::error_code& error, const tcp::resolver::results_type& results) {
            lookup->error = error;
            for (const auto& entry : results) {
                if (lookup->addresses.size() == max_addresses) {
                    break;
                }
                lookup->addresses.push_back(entry.endpoint());
            }
            lookup->answered.cancel();
        }
    );
    // The handler runs on this executor, never inside the call above, so the wait cannot miss it.
    auto [ended] = co_await lookup->answered.async_wait(asio::as_tuple(asio::use_awaitable));
    static_cast<void>(ended);

    if (!lookup->error) {
        lookup->resolver.cancel();
        co_return fail(Reason::sts_unreachable, fmt::format("resolve {}: timed out", endpoint.host));
    }
    if (*lookup->error) {
        co_return fail(Reason::sts_unreachable, fmt::format("resolve {}: {}", endpoint.host, lookup->error->message()));
    }
    if (lookup->addresses.empty()) {
        co_return fail(Reason::sts_unreachable, fmt::format("resolve {}: no addresses", endpoint.host));
    }
    co_return std::move(lookup->addresses);
}

}  // namespace arngate::net
