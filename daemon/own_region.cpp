#include "daemon/own_region.hpp"

#include "core/aws/partition.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/net/instance_metadata.hpp"

#include <chrono>
#include <expected>
#include <string_view>

namespace arngate {

namespace {

constexpr std::chrono::milliseconds request_limit{250};

std::expected<std::string, std::string> ask(std::string_view endpoint) {
    const auto service = net::metadata_endpoint(endpoint);
    if (!service) {
        return std::unexpected("AWS_EC2_METADATA_SERVICE_ENDPOINT: " + service.error());
    }
    auto said = net::ask_instance_region(*service, request_limit);
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
    const auto variable = [&](const char* name) {
        const char* value = environment(name);
        return std::string_view(value == nullptr ? "" : value);
    };
    if (text::iequals(variable("AWS_EC2_METADATA_DISABLED"), "true")) {
        return {};
    }
    auto region = ask(variable("AWS_EC2_METADATA_SERVICE_ENDPOINT"));
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
