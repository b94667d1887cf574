#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <expected>
#include <functional>
#include <optional>
#include <string>

namespace arngate {

/// Where the metadata service of the EC2 instance is, as AWS_EC2_METADATA_SERVICE_ENDPOINT says; nothing while
/// AWS_EC2_METADATA_DISABLED is "true", which keeps it from being asked. Fails with a text that names the variable and
/// does not show its value.
[[nodiscard]] std::expected<std::optional<boost::asio::ip::tcp::endpoint>, std::string> metadata_service(
    const std::function<const char*(const char* name)>& environment
);

}  // namespace arngate
