#include "core/net/endpoint.hpp"
#include "core/net/https_pool.hpp"

namespace arngate::net {

namespace {

// Takes one "HOST:PORT" off the front of `text`; `last` says that nothing may follow.
std::optional<Endpoint> take_endpoint(std::string_view& text, bool last) {
    Endpoint endpoint{.host = {}, .port = 0};
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) {
            return std::nullopt;
        }
        endpoint.host = text.substr(1, close - 1);
        text.remove_prefix(close + 1);
        if (!endpoint.host.contains(':') || !text.starts_with(':')) {
            return std::nullopt;
        }
    } else {
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) {
            return std::nullopt;
        }
        endpoint.host = text.substr(0, colon);
        text.remove_prefix(colon);
    }
    if (!endpoint.host.empty() && !is_valid_host(endpoint.host)) {
        return std::nullopt;
    }

    text.remove_prefix(1);
    const auto end = text.find(':');
    if ((end == std::string_view::npos) != last) {
        return std::nullopt;
    }
    const std::string_view port = text.substr(0, end);
    text.remove_prefix(last ? text.size() : end + 1);
    if (!port.empty()) {
        const auto number = parse_port(port);
        if (!number) {
            return std::nullopt;
        }
        endpoint.port = *number;
    }
    return endpoint;
}

}  // namespace

std::optional<ConnectTo> ConnectTo::parse(std::string_view text) {
    auto from = take_endpoint(text, false);
    if (!from) {
        return std::nullopt;
    }
    auto to = take_endpoint(text, true);
    if (!to) {
        return std::nullopt;
    }
    return ConnectTo{.from = std::move(*from), .to = std::move(*to)};
}

}  // namespace arngate::net
