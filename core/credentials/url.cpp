#include "core/credentials/transport.hpp"

#include "core/base/text.hpp"
#include "core/net/endpoint.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace arngate::credentials {

namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

bool is_target(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

}  // namespace

std::expected<Url, std::string> Url::parse(std::string_view text) {
    constexpr std::string_view http = "http://";
    constexpr std::string_view https = "https://";
    const std::unexpected<std::string> wrong("it is not of the form http://HOST or https://HOST:PORT/PATH");
    Url url;
    url.tls = text::iequals(text.substr(0, https.size()), https);
    if (!url.tls && !text::iequals(text.substr(0, http.size()), http)) {
        return wrong;
    }
    std::string_view rest = text.substr(url.tls ? https.size() : http.size());
    const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
    std::string_view authority = rest.substr(0, end);
    rest.remove_prefix(end);
    if (!is_target(rest)) {
        return wrong;
    }
    if (!rest.empty()) {
        url.target = (rest.front() == '/' ? "" : "/") + std::string(rest);
    }

    const bool bracketed = authority.starts_with('[');
    const std::size_t host_end = bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
    if (host_end == std::string_view::npos) {
        return wrong;
    }
    const std::string_view host = authority.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0));
    authority.remove_prefix(host_end + (bracketed ? 1 : 0));
    if (!net::is_valid_host(host) || host.contains(':') != bracketed) {
        return wrong;
    }
    url.endpoint.host = text::to_lower(host);
    url.endpoint.port = url.tls ? https_port : http_port;
    if (!authority.empty()) {
        const auto port = authority.front() == ':' ? net::parse_port(authority.substr(1)) : std::nullopt;
        if (!port) {
            return wrong;
        }
        url.endpoint.port = *port;
    }
    return url;
}

}  // namespace arngate::credentials
