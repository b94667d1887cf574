#include "core/net/endpoint.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace arngate::net {

namespace {

constexpr std::size_t max_host_bytes = 253;  // RFC 1035, section 2.3.4, as text
constexpr std::uint16_t https_port = 443;

bool is_ipv6(std::string_view host) noexcept {
    return host.contains(':');
}

std::string bracketed(std::string_view host) {
    return is_ipv6(host) ? fmt::format("[{}]", host) : std::string(host);
}

}  // namespace

std::string authority(const Endpoint& endpoint) {
    return fmt::format("{}:{}", bracketed(endpoint.host), endpoint.port);
}

std::string host_header(const Endpoint& endpoint) {
    return endpoint.port == https_port ? bracketed(endpoint.host) : authority(endpoint);
}

bool is_valid_host(std::string_view host) noexcept {
    if (host.empty() || host.size() > max_host_bytes) {
        return false;
    }
    if (is_ipv6(host)) {
        return std::ranges::all_of(host, [](char c) {
            const char lower = text::ascii_lower(c);
            return text::is_digit(c) || (lower >= 'a' && lower <= 'f') || c == ':' || c == '.';
        });
    }
    return std::ranges::all_of(host, [](char c) { return text::is_alnum(c) || c == '-' || c == '.' || c == '_'; });
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
    std::uint16_t port = 0;
    if (text.empty() || !std::ranges::all_of(text, text::is_digit)) {
        return std::nullopt;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
        return std::nullopt;
    }
    return port;
}

Endpoint redirected(const Endpoint& endpoint, std::span<const ConnectTo> rules) {
    for (const ConnectTo& rule : rules) {
        const bool host_matches = rule.from.host.empty() || text::iequals(rule.from.host, endpoint.host);
        const bool port_matches = rule.from.port == 0 || rule.from.port == endpoint.port;
        if (host_matches && port_matches) {
            Endpoint to = endpoint;
            if (!rule.to.host.empty()) {
                to.host = rule.to.host;
            }
            if (rule.to.port != 0) {
                to.port = rule.to.port;
            }
            return to;
        }
    }
    return endpoint;
}

}  // namespace arngate::net
