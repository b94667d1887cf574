#include "core/credentials/client_settings.hpp"

#include "core/base/text.hpp"
#include "core/net/metadata_endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace arngate::credentials {

namespace {

/// The variable, else the profile's property.
std::optional<Setting> setting(
    const Environment& environment, const SharedConfig& shared, const char* name, std::string_view property
) {
    if (std::string value = variable(environment, name); !value.empty()) {
        return Setting{.text = std::move(value), .place = name};
    }
    return shared.find(property);
}

std::expected<bool, std::string> boolean(
    const Environment& environment, const SharedConfig& shared, const char* name, std::string_view property
) {
    const auto found = setting(environment, shared, name, property);
    if (!found || text::iequals(found->text, "false")) {
        return false;
    }
    if (text::iequals(found->text, "true")) {
        return true;
    }
    return std::unexpected(fmt::format("{}: {} must be true or false", found->place, property));
}

std::expected<unsigned, std::string> number(
    const Environment& environment,
    const SharedConfig& shared,
    const char* name,
    std::string_view property,
    unsigned usual,
    unsigned highest
) {
    const auto found = setting(environment, shared, name, property);
    if (!found) {
        return usual;
    }
    unsigned value = 0;
    const char* const end = found->text.data() + found->text.size();
    const auto [stop, error] = std::from_chars(found->text.data(), end, value);
    if (error != std::errc{} || stop != end || value == 0 || value > highest) {
        return std::unexpected(
            fmt::format("{}: {} must be a whole number from 1 to {}", found->place, property, highest)
        );
    }
    return value;
}

struct ServiceNames {
    const char* variable;
    std::string_view section;
    std::string_view host;  ///< the first label of regional hosts
};

ServiceNames names_of(Service service) {
    switch (service) {
        case Service::sso:
            return {.variable = "AWS_ENDPOINT_URL_SSO", .section = "sso", .host = "portal.sso"};
        case Service::sso_oidc:
            return {.variable = "AWS_ENDPOINT_URL_SSO_OIDC", .section = "sso_oidc", .host = "oidc"};
        case Service::signin:
            return {.variable = "AWS_ENDPOINT_URL_SIGNIN", .section = "signin", .host = "signin"};
        case Service::sts:
            break;
    }
    return {.variable = "AWS_ENDPOINT_URL_STS", .section = "sts", .host = "sts"};
}

/// The console's sign-in has hosts of another form in the partitions that had consoles first.
std::string signin_host(std::string_view region, aws::EndpointVariant variant) {
    struct Console {
        std::string_view partition;
        std::string_view suffix;
    };
    static constexpr std::array consoles{
        Console{"aws", "signin.aws.amazon.com"},
        Console{"aws-cn", "signin.amazonaws.cn"},
        Console{"aws-us-gov", "signin.amazonaws-us-gov.com"},
    };
    std::string host = aws::service_host_for_client("signin", region, variant);
    if (variant != aws::EndpointVariant::plain || host.empty()) {
        return host;
    }
    const std::string_view partition = aws::partition_for_client(region).id;
    const auto found = std::ranges::find(consoles, partition, &Console::partition);
    return found == consoles.end() ? host : fmt::format("{}.{}", region, found->suffix);
}

/// `endpoint_url` of the service in the section that the profile's `services` names.
std::expected<std::optional<Setting>, std::string> of_services_section(
    const SharedConfig& shared, std::string_view service
) {
    const auto name = shared.find("services");
    if (!name) {
        return std::nullopt;
    }
    const Profile* const section = shared.config_file().find_services(name->text);
    if (section == nullptr) {
        return std::unexpected(
            fmt::format("{}: there is no [services {}] in {}", name->place, name->text, shared.config_file().name())
        );
    }
    const Property* const below = section->find(service);
    std::string url = below == nullptr ? std::string() : nested_value(*below, "endpoint_url");
    if (url.empty()) {
        return std::nullopt;
    }
    return Setting{
        .text = std::move(url),
        .place = fmt::format("{}:{} (services {})", shared.config_file().name(), below->line, name->text)
    };
}

}  // namespace

std::expected<MetadataSettings, std::string> MetadataSettings::load(
    const Environment& environment, const SharedConfig& shared
) {
    constexpr unsigned max_timeout = 60;
    constexpr unsigned max_attempts = 10;
    MetadataSettings result;
    result.disabled = text::iequals(variable(environment, "AWS_EC2_METADATA_DISABLED"), "true");
    const auto v1_disabled = boolean(environment, shared, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled");
    if (!v1_disabled) {
        return std::unexpected(v1_disabled.error());
    }
    result.v1_disabled = *v1_disabled;
    const auto timeout =
        number(environment, shared, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", 1, max_timeout);
    if (!timeout) {
        return std::unexpected(timeout.error());
    }
    result.timeout = std::chrono::seconds(*timeout);
    const auto attempts = number(
        environment, shared, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts", 1, max_attempts
    );
    if (!attempts) {
        return std::unexpected(attempts.error());
    }
    result.attempts = *attempts;
    const auto mode =
        setting(environment, shared, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
    if (mode && !text::iequals(mode->text, "ipv4") && !text::iequals(mode->text, "ipv6")) {
        return std::unexpected(fmt::format("{}: ec2_metadata_service_endpoint_mode must be IPv4 or IPv6", mode->place));
    }
    const bool ipv6 = mode && text::iequals(mode->text, "ipv6");
    const auto endpoint =
        setting(environment, shared, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    if (!endpoint || result.disabled) {
        result.endpoint = net::Endpoint{.host = ipv6 ? "fd00:ec2::254" : "169.254.169.254", .port = 80};
        return result;
    }
    // Only an address may say where the service is, as it answers anybody who asks.
    const auto address = net::metadata_endpoint(endpoint->text);
    if (!address) {
        return std::unexpected(fmt::format("{}: {}", endpoint->place, address.error()));
    }
    result.endpoint = net::Endpoint{.host = address->address().to_string(), .port = address->port()};
    return result;
}

std::expected<ClientSettings, std::string> ClientSettings::load(
    const Environment& environment, const SharedConfig& shared
) {
    ClientSettings result;
    result.region = resolve_region(environment, shared);
    const auto variant = resolve_endpoint_variant(environment, shared);
    if (!variant) {
        return std::unexpected(variant.error());
    }
    result.variant = *variant;
    const auto sts = setting(environment, shared, "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints");
    if (sts && !text::iequals(sts->text, "regional") && !text::iequals(sts->text, "legacy")) {
        return std::unexpected(fmt::format("{}: sts_regional_endpoints must be regional or legacy", sts->place));
    }
    if (sts && text::iequals(sts->text, "legacy")) {
        result.sts_endpoints = StsEndpoints::legacy;
    }
    if (auto bundle = setting(environment, shared, "AWS_CA_BUNDLE", "ca_bundle")) {
        result.ca_bundle = expand_home(environment, bundle->text);
    }
    return result;
}

std::string resolve_region(const Environment& environment, const SharedConfig& shared) {
    for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
        std::string value = variable(environment, name);
        if (!value.empty()) {
            return value;
        }
    }
    const auto region = shared.find("region");
    return region ? region->text : std::string();
}

std::expected<aws::EndpointVariant, std::string> resolve_endpoint_variant(
    const Environment& environment, const SharedConfig& shared
) {
    const auto fips = boolean(environment, shared, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    if (!fips) {
        return std::unexpected(fips.error());
    }
    const auto dual = boolean(environment, shared, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    if (!dual) {
        return std::unexpected(dual.error());
    }
    if (*fips) {
        return *dual ? aws::EndpointVariant::fips_dual_stack : aws::EndpointVariant::fips;
    }
    return *dual ? aws::EndpointVariant::dual_stack : aws::EndpointVariant::plain;
}

std::expected<std::optional<Url>, std::string> configured_endpoint(
    const Environment& environment, const SharedConfig& shared, Service service
) {
    const auto ignored =
        boolean(environment, shared, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls");
    if (!ignored) {
        return std::unexpected(ignored.error());
    }
    if (*ignored) {
        return std::nullopt;
    }
    const ServiceNames names = names_of(service);
    std::optional<Setting> found;
    for (const char* candidate : {names.variable, "AWS_ENDPOINT_URL"}) {
        if (std::string value = variable(environment, candidate); !value.empty()) {
            found = Setting{.text = std::move(value), .place = candidate};
            break;
        }
    }
    if (!found) {
        auto of_section = of_services_section(shared, names.section);
        if (!of_section) {
            return std::unexpected(std::move(of_section.error()));
        }
        found = *of_section ? *std::move(of_section) : shared.find("endpoint_url");
    }
    if (!found) {
        return std::nullopt;
    }
    auto url = Url::parse(found->text);
    if (!url) {
        return std::unexpected(fmt::format("{}: {}", found->place, url.error()));
    }
    if (url->target.contains('?')) {
        return std::unexpected(fmt::format("{}: an endpoint URL has no query", found->place));
    }
    return *std::move(url);
}

std::expected<Url, std::string> service_endpoint(
    const Environment& environment, const SharedConfig& shared, Service service, std::string_view region
) {
    const auto variant = resolve_endpoint_variant(environment, shared);
    if (!variant) {
        return std::unexpected(variant.error());
    }
    auto configured = configured_endpoint(environment, shared, service);
    if (!configured) {
        return std::unexpected(std::move(configured.error()));
    }
    if (*configured) {
        if (*variant != aws::EndpointVariant::plain) {
            return std::unexpected(
                "an endpoint URL is configured and FIPS or dual-stack endpoints are asked for: configure one or the "
                "other"
            );
        }
        return **std::move(configured);
    }
    Url url;
    url.endpoint.host = service == Service::signin
                            ? signin_host(region, *variant)
                            : aws::service_host_for_client(names_of(service).host, region, *variant);
    if (url.endpoint.host.empty()) {
        return std::unexpected("the region has no such service");
    }
    return url;
}

}  // namespace arngate::credentials
