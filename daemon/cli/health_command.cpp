#include "core/net/endpoint.hpp"
#include "daemon/cli/commands.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace arngate::cli {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr std::size_t max_body_bytes = std::size_t{64} * 1024;
constexpr std::chrono::milliseconds default_timeout{3000};
constexpr std::chrono::milliseconds max_timeout{60'000};

struct Target {
    net::Endpoint endpoint;
    std::string path = "/";
};

/// "http://host[:port][/path]"; the health listener speaks no TLS.
std::optional<Target> parse_url(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    if (!url.starts_with(scheme)) {
        return std::nullopt;
    }
    url.remove_prefix(scheme.size());
    Target target;
    if (const std::size_t slash = url.find('/'); slash != std::string_view::npos) {
        target.path = url.substr(slash);
        url = url.substr(0, slash);
    }
    if (!std::ranges::all_of(target.path, [](char c) { return c > ' ' && c < '\x7f'; })) {
        return std::nullopt;
    }
    std::string_view host = url;
    target.endpoint.port = 80;
    const std::size_t colon = url.rfind(':');
    if (colon != std::string_view::npos && !url.ends_with(']')) {
        const auto port = net::parse_port(url.substr(colon + 1));
        if (!port) {
            return std::nullopt;
        }
        target.endpoint.port = *port;
        host = url.substr(0, colon);
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return std::nullopt;
    }
    if (!net::is_valid_host(host)) {
        return std::nullopt;
    }
    target.endpoint.host = host;
    return target;
}

/// Where the server that has these settings answers probes; one that listens on every address does on loopback, too.
Target own_server(const config::ServerSettings& server) {
    std::string host = server.health_address;
    if (host.empty() || host == "0.0.0.0") {
        host = "127.0.0.1";
    } else if (host == "::") {
        host = "::1";
    }
    return {{std::move(host), server.health_port}, "/readyz"};
}

std::optional<std::chrono::milliseconds> parse_timeout(std::string_view text) {
    if (text.empty()) {
        return default_timeout;
    }
    if (!text.ends_with('s')) {
        return std::nullopt;
    }
    const std::string_view number = text.substr(0, text.size() - 1);
    unsigned seconds = 0;
    const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), seconds);
    const std::chrono::seconds timeout(seconds);
    if (code != std::errc() || end != number.data() + number.size() || seconds == 0 || timeout > max_timeout) {
        return std::nullopt;
    }
    return timeout;
}

using Answer = http::response<http::string_body>;

std::expected<Answer, std::string> ask(const Target& target, std::chrono::milliseconds timeout) {
    asio::io_context loop{1};
    asio::ip::tcp::resolver resolver(loop);
    boost::system::error_code error;
    const auto addresses = resolver.resolve(target.endpoint.host, std::to_string(target.endpoint.port), error);
    if (error) {
        return std::unexpected(error.message());
    }

    boost::beast::tcp_stream stream(loop);
    http::request<http::empty_body> request(http::verb::get, target.path, 11);
    request.set(http::field::host, net::authority(target.endpoint));
    request.set(http::field::user_agent, "arngate-health");
    request.set(http::field::connection, "close");
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(max_body_bytes);

    stream.expires_after(timeout);
    std::optional<boost::system::error_code> outcome;
    const auto fail = [&outcome](const boost::system::error_code& code) { outcome = code; };
    stream.async_connect(addresses, [&](const boost::system::error_code& connected, const auto& /*endpoint*/) {
        if (connected) {
            return fail(connected);
        }
        http::async_write(stream, request, [&](const boost::system::error_code& written, std::size_t /*bytes*/) {
            if (written) {
                return fail(written);
            }
            http::async_read(stream, buffer, parser, [&](const boost::system::error_code& read, std::size_t /*bytes*/) {
                fail(read);
            });
        });
    });
    loop.run();
    if (outcome && *outcome) {
        return std::unexpected(outcome->message());
    }
    return parser.release();
}

}  // namespace

int run_health(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings) {
    const std::string_view url = line.own_flag("url");
    const auto target = url.empty() ? std::optional(own_server(settings.server)) : parse_url(url);
    if (!target) {
        surroundings.err << "Error: --url: expected http://HOST[:PORT][/PATH], such as http://127.0.0.1:21363/livez\n";
        return failure;
    }
    const auto timeout = parse_timeout(line.own_flag("timeout"));
    if (!timeout) {
        surroundings.err << "Error: --timeout: expected whole seconds from 1s to 60s\n";
        return failure;
    }
    const auto answer = ask(*target, *timeout);
    if (!answer) {
        surroundings.err << fmt::format(
            "not healthy: http://{}{}: {}\n", net::authority(target->endpoint), target->path, answer.error()
        );
        return failure;
    }
    std::ostream& out = answer->result() == http::status::ok ? surroundings.out : surroundings.err;
    out << answer->body();
    if (!answer->body().ends_with('\n')) {
        out << '\n';
    }
    return answer->result() == http::status::ok ? success : failure;
}

}  // namespace arngate::cli
