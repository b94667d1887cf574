#include "core/kube/access.hpp"

#include "core/base/text.hpp"
#include "core/net/endpoint.hpp"

#include <algorithm>

namespace arngate::kube {

namespace {

// Characters of a path (RFC 3986, section 3.3) that need no escape; "%" and what has a meaning in a URL stay out.
bool is_path(std::string_view path) {
    constexpr std::string_view others = "-._~/!$&'()*+,;=:@";
    return std::ranges::all_of(path, [&](char c) { return text::is_alnum(c) || others.find(c) != others.npos; });
}

}  // namespace

std::expected<ServerUrl, std::string> parse_server_url(std::string_view url) {
    std::string_view rest = url;
    if (const auto scheme = rest.find("://"); scheme != rest.npos) {
        const std::string_view name = rest.substr(0, scheme);
        if (text::iequals(name, "http")) {
            return std::unexpected("the API server is only asked over https");
        }
        if (!text::iequals(name, "https")) {
            return std::unexpected("the URL of the API server has a scheme other than https");
        }
        rest.remove_prefix(scheme + 3);
    }
    const auto slash = std::min(rest.find('/'), rest.size());
    std::string_view authority = rest.substr(0, slash);
    std::string_view path = rest.substr(slash);
    while (path.ends_with('/')) {
        path.remove_suffix(1);
    }

    ServerUrl result;
    std::string_view host = authority;
    std::string_view port;
    bool has_port = false;
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == authority.npos) {
            return std::unexpected("the URL of the API server has a malformed host");
        }
        host = authority.substr(1, end - 1);
        port = authority.substr(end + 1);
        has_port = !port.empty();
        if (host.find(':') == host.npos || (has_port && !port.starts_with(':'))) {
            return std::unexpected("the URL of the API server has a malformed host");
        }
        port.remove_prefix(has_port ? 1 : 0);
    } else if (const auto colon = authority.find(':'); colon != authority.npos) {
        host = authority.substr(0, colon);
        port = authority.substr(colon + 1);
        has_port = true;
    }
    if (!net::is_valid_host(host)) {
        return std::unexpected("the URL of the API server has a malformed host");
    }
    result.server.host = host;
    if (has_port) {
        const auto number = net::parse_port(port);
        if (!number) {
            return std::unexpected("the URL of the API server has a malformed port");
        }
        result.server.port = *number;
    }
    if (!is_path(path)) {
        return std::unexpected("the URL of the API server has a query, a fragment or an escape");
    }
    result.path_prefix = path;
    return result;
}

}  // namespace arngate::kube
