// ProxySettings: the environment, and which hosts NO_PROXY keeps off the proxy. The rules are those of Go's
// golang.org/x/net/http/httpproxy, so that an environment that worked keeps working.
#include "core/base/text.hpp"
#include "core/net/endpoint.hpp"
#include "core/net/https_pool.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <array>
#include <cstdlib>

namespace arngate::net {

namespace {

namespace ip = boost::asio::ip;

std::string first_of_environment(std::initializer_list<const char*> names) {
    for (const char* name : names) {
        // Read at start-up, before other threads run.
        const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
        if (value != nullptr && *value != '\0') {
            return value;
        }
    }
    return {};
}

// An address in one form: IPv4 mapped into IPv6 is the same address as the IPv4 one.
ip::address plain(const ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return ip::make_address_v4(ip::v4_mapped, address.to_v6());
    }
    return address;
}

std::optional<ip::address> parse_address(std::string_view text) {
    boost::system::error_code error;
    const auto address = ip::make_address(text, error);
    if (error) {
        return std::nullopt;
    }
    return plain(address);
}

bool in_network(const ip::address& address, std::string_view cidr) {
    boost::system::error_code error;
    if (address.is_v4()) {
        const auto network = ip::make_network_v4(std::string(cidr), error);
        if (error) {
            return false;
        }
        const auto mask = network.netmask().to_uint();
        return (address.to_v4().to_uint() & mask) == (network.address().to_uint() & mask);
    }
    const auto network = ip::make_network_v6(std::string(cidr), error);
    if (error) {
        return false;
    }
    const ip::network_v6 host(address.to_v6(), network.prefix_length());
    return host.canonical() == network.canonical();
}

struct Rule {
    std::string_view host;
    std::string_view port;  // empty: any
};

// Splits a port off; a bare IPv6 address has more than one colon and no port.
Rule split_port(std::string_view text) {
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) {
            return {text, {}};
        }
        const std::string_view rest = text.substr(close + 1);
        return {text.substr(1, close - 1), rest.starts_with(':') ? rest.substr(1) : std::string_view()};
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
        return {text, {}};
    }
    return {text.substr(0, colon), text.substr(colon + 1)};
}

// `host` in lower case.
bool domain_matches(std::string_view host, std::string_view rule) {
    if (rule.starts_with("*.")) {
        rule.remove_prefix(1);
    }
    if (rule.starts_with('.')) {
        return host.ends_with(rule);
    }
    return host == rule ||
           (host.size() > rule.size() && host.ends_with(rule) && host[host.size() - rule.size() - 1] == '.');
}

bool is_kept_off(
    std::string_view entry, std::string_view host, const std::optional<ip::address>& address, std::string_view port
) {
    if (entry == "*") {
        return true;
    }
    if (entry.contains('/')) {
        return address && in_network(*address, entry);
    }
    const Rule rule = split_port(entry);
    if (rule.host.empty() || (!rule.port.empty() && rule.port != port)) {
        return false;
    }
    if (const auto rule_address = parse_address(rule.host)) {
        return address && *address == *rule_address;
    }
    return domain_matches(host, rule.host);
}

}  // namespace

ProxySettings ProxySettings::from_environment() {
    ProxySettings settings;
    settings.https_proxy = first_of_environment({"HTTPS_PROXY", "https_proxy"});
    const std::string no_proxy = first_of_environment({"NO_PROXY", "no_proxy"});
    for (const std::string_view piece : text::split(no_proxy, ',')) {
        if (const auto entry = text::trim(piece); !entry.empty()) {
            settings.no_proxy.emplace_back(entry);
        }
    }
    return settings;
}

bool ProxySettings::applies_to(std::string_view host, std::uint16_t port) const {
    if (https_proxy.empty()) {
        return false;
    }
    const std::string name = text::to_lower(host);
    const auto address = parse_address(name);
    if (name == "localhost" || (address && address->is_loopback())) {
        return false;
    }
    const std::string port_text = std::to_string(port);
    for (const std::string& raw : no_proxy) {
        const std::string entry = text::to_lower(text::trim(raw));
        if (!entry.empty() && is_kept_off(entry, name, address, port_text)) {
            return false;
        }
    }
    return true;
}

}  // namespace arngate::net
