#include "core/net/proxy.hpp"

#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/net/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>

namespace arngate::net {

namespace {

constexpr std::uint16_t default_port = 80;

std::optional<unsigned> hex_value(char c) noexcept {
    const char lower = text::ascii_lower(c);
    if (text::is_digit(c)) {
        return static_cast<unsigned>(c - '0');
    }
    if (lower >= 'a' && lower <= 'f') {
        return static_cast<unsigned>(lower - 'a') + 10;
    }
    return std::nullopt;
}

// Percent-decoding of userinfo: unlike in a query, '+' is itself.
std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        if (text.size() - i < 3) {
            return std::nullopt;
        }
        const auto high = hex_value(text[i + 1]);
        const auto low = hex_value(text[i + 2]);
        if (!high || !low) {
            return std::nullopt;
        }
        out.push_back(static_cast<char>(*high * 16 + *low));
        i += 2;
    }
    return out;
}

std::optional<Secret> basic_authorization(std::string_view userinfo) {
    const auto colon = userinfo.find(':');
    auto user = percent_decode(userinfo.substr(0, colon));
    auto password = percent_decode(colon == std::string_view::npos ? std::string_view() : userinfo.substr(colon + 1));
    // RFC 7617, section 2: the user-id must not hold a colon, as it could not be told from the separator.
    if (!user || !password || user->contains(':')) {
        return std::nullopt;
    }
    std::string pair = *user + ':' + *password;
    std::string encoded = text::base64_encode(pair);
    std::string value = "Basic " + encoded;
    Secret secret(value);
    for (std::string* text : {&*user, &*password, &pair, &encoded, &value}) {
        wipe(*text);
    }
    return secret;
}

std::optional<Endpoint> parse_authority(std::string_view text) {
    Endpoint endpoint{.host = {}, .port = default_port};
    std::string_view port;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) {
            return std::nullopt;
        }
        endpoint.host = text.substr(1, close - 1);
        port = text.substr(close + 1);
        if (!endpoint.host.contains(':') || (!port.empty() && port.front() != ':')) {
            return std::nullopt;
        }
    } else {
        const auto colon = text.find(':');
        endpoint.host = text.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    }
    if (!is_valid_host(endpoint.host)) {
        return std::nullopt;
    }
    if (port.size() > 1) {
        const auto number = parse_port(port.substr(1));
        if (!number) {
            return std::nullopt;
        }
        endpoint.port = *number;
    }
    return endpoint;
}

}  // namespace

std::expected<Proxy, std::string> Proxy::parse(std::string_view url) {
    if (const auto scheme_end = url.find("://"); scheme_end != std::string_view::npos) {
        const std::string_view scheme = url.substr(0, scheme_end);
        if (text::iequals(scheme, "https")) {
            return std::unexpected("a proxy reached over TLS (https://) is not supported: name an http:// proxy");
        }
        if (!text::iequals(scheme, "http")) {
            return std::unexpected("the proxy must be an http:// URL");
        }
        url.remove_prefix(scheme_end + 3);
    }
    url = url.substr(0, url.find_first_of("/?#"));

    Proxy proxy;
    if (const auto at = url.rfind('@'); at != std::string_view::npos) {
        auto authorization = basic_authorization(url.substr(0, at));
        if (!authorization) {
            return std::unexpected("the user or password in the proxy URL is malformed: percent-encode it");
        }
        proxy.authorization = std::move(*authorization);
        url.remove_prefix(at + 1);
    }
    auto address = parse_authority(url);
    if (!address) {
        return std::unexpected("the proxy URL has no valid host and port");
    }
    proxy.address = std::move(*address);
    return proxy;
}

Secret Proxy::connect_request(const Endpoint& target) const {
    const std::string name = authority(target);
    const std::string head =
        fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\nUser-Agent: arngate/{1}\r\n", name, version());
    const std::string_view label = authorization.empty() ? "" : "Proxy-Authorization: ";
    const std::string_view label_end = authorization.empty() ? "" : "\r\n";

    const std::initializer_list<std::string_view> pieces{head, label, authorization.expose(), label_end, "\r\n"};
    std::size_t size = 0;
    for (const std::string_view piece : pieces) {
        size += piece.size();
    }
    Secret request = Secret::of_size(size);
    char* out = request.mutable_data();
    for (const std::string_view piece : pieces) {
        out = std::ranges::copy(piece, out).out;
    }
    return request;
}

}  // namespace arngate::net
