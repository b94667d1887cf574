#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <expected>
#include <string>
#include <string_view>

namespace arngate::net {

/// Where the metadata service of an EC2 instance listens, of AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://ADDRESS",
/// "http://ADDRESS:PORT" with an optional slash behind it, the address an IP address (IPv6 in brackets) or "localhost".
/// Names are not resolved: the service answers anybody who asks, so only an address may say where it is. Empty: the
/// link-local address that every instance has. Fails with a text that does not show what was given.
[[nodiscard]] std::expected<boost::asio::ip::tcp::endpoint, std::string> metadata_endpoint(std::string_view url);

}  // namespace arngate::net
