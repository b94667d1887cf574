#include "core/net/metadata_endpoint.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace arngate::net {

namespace asio = boost::asio;

namespace {

constexpr std::string_view link_local_service = "169.254.169.254";
constexpr std::uint16_t http_port = 80;

}  // namespace

std::expected<asio::ip::tcp::endpoint, std::string> metadata_endpoint(std::string_view url) {
    if (url.empty()) {
        return asio::ip::tcp::endpoint(asio::ip::make_address(link_local_service), http_port);
    }
    const std::unexpected<std::string> wrong("the endpoint is not of the form http://ADDRESS or http://ADDRESS:PORT");
    constexpr std::string_view scheme = "http://";
    if (!url.starts_with(scheme)) {
        return wrong;
    }
    std::string_view rest = url.substr(scheme.size());
    if (rest.ends_with('/')) {
        rest.remove_suffix(1);
    }
    const bool bracketed = rest.starts_with('[');
    const std::size_t end = bracketed ? rest.find(']') : std::min(rest.find(':'), rest.size());
    if (end == std::string_view::npos) {
        return wrong;
    }
    const std::string_view host = rest.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0));
    rest.remove_prefix(end + (bracketed ? 1 : 0));
    std::uint16_t port = http_port;
    if (!rest.empty()) {
        const char* last = rest.data() + rest.size();
        const auto [stop, error] = std::from_chars(rest.data() + 1, last, port);
        if (rest.front() != ':' || error != std::errc{} || stop != last || port == 0) {
            return wrong;
        }
    }
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(host == "localhost" ? std::string_view("127.0.0.1") : host, ec);
    if (ec || address.is_v6() != bracketed) {
        return wrong;
    }
    return asio::ip::tcp::endpoint(address, port);
}

}  // namespace arngate::net
