#include "daemon/metadata_service.hpp"

#include "core/base/text.hpp"
#include "core/net/metadata_endpoint.hpp"

#include <string_view>

namespace arngate {

std::expected<std::optional<boost::asio::ip::tcp::endpoint>, std::string> metadata_service(
    const std::function<const char*(const char* name)>& environment
) {
    const auto variable = [&](const char* name) {
        const char* value = environment(name);
        return std::string_view(value == nullptr ? "" : value);
    };
    if (text::iequals(variable("AWS_EC2_METADATA_DISABLED"), "true")) {
        return std::nullopt;
    }
    const auto service = net::metadata_endpoint(variable("AWS_EC2_METADATA_SERVICE_ENDPOINT"));
    if (!service) {
        return std::unexpected("AWS_EC2_METADATA_SERVICE_ENDPOINT: " + service.error());
    }
    return *service;
}

}  // namespace arngate
