#include "daemon/own_region.hpp"

#include "core/aws/partition.hpp"
#include "core/base/log.hpp"
#include "core/credentials/metadata_session.hpp"
#include "core/credentials/net_transport.hpp"
#include "daemon/metadata_service.hpp"

#include <chrono>
#include <cstddef>
#include <expected>

namespace arngate {

namespace {

constexpr std::chrono::milliseconds request_limit{250};
constexpr std::size_t max_region_bytes = 1024;

std::expected<std::string, std::string> ask(const boost::asio::ip::tcp::endpoint& service) {
    credentials::NetTransport transport({});
    const auto once = [&](const std::function<credentials::HttpCall()>& make) { return transport.exchange(make()); };
    const auto session = credentials::MetadataSession::open(
        once,
        {.host = service.address().to_string(), .port = service.port()},
        request_limit,
        credentials::MetadataV1::forbidden
    );
    if (!session) {
        return std::unexpected(session.error());
    }
    auto said = session->get("placement/region", max_region_bytes);
    if (said && !aws::is_region_label(*said)) {
        return std::unexpected("an answer that is no region");
    }
    return said;
}

}  // namespace

std::string own_region(
    const config::Settings& settings, const std::function<const char*(const char* name)>& environment
) {
    if (!settings.sts.own_region.empty() || !settings.sts.region_from_metadata) {
        return settings.sts.own_region;
    }
    const auto service = metadata_service(environment);
    if (service && !*service) {
        return {};
    }
    auto region = service ? ask(**service) : std::unexpected(service.error());
    if (!region) {
        log::info(
            "the instance metadata names no region: tokens may name the regions of this build, and sts.region sets "
            "another",
            {{"error", region.error()}}
        );
        return {};
    }
    log::info("the instance metadata names the region", {{"region", *region}});
    return *std::move(region);
}

}  // namespace arngate
