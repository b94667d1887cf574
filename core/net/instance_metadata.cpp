#include "core/net/instance_metadata.hpp"

#include "core/net/response_reader.hpp"

#include <boost/asio/ip/address.hpp>

#include <fmt/format.h>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <utility>

namespace arngate::net {

namespace asio = boost::asio;

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::string_view link_local_service = "169.254.169.254";
constexpr std::uint16_t http_port = 80;
constexpr std::size_t max_header_bytes = std::size_t{8} * 1024;
constexpr std::size_t max_session_bytes = 1024;
constexpr std::size_t max_region_bytes = 1024;

class Socket {
public:
    explicit Socket(int family) : descriptor_(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    [[nodiscard]] int get() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

std::string last_error() {
    return std::error_code(errno, std::generic_category()).message();
}

/// False when the time is over.
bool wait_for(int descriptor, short events, Steady::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now());
        if (left.count() <= 0) {
            return false;
        }
        pollfd entry{descriptor, events, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(left.count()));
        if (ready > 0) {
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            return false;
        }
    }
}

std::unexpected<std::string> too_late() {
    return std::unexpected(std::string("no answer in time"));
}

std::expected<void, std::string> connect(
    const Socket& socket, const asio::ip::tcp::endpoint& service, Steady::time_point deadline
) {
    if (socket.get() < 0) {
        return std::unexpected(last_error());
    }
    if (::connect(socket.get(), service.data(), static_cast<socklen_t>(service.size())) == 0) {
        return {};
    }
    if (errno != EINPROGRESS) {
        return std::unexpected(last_error());
    }
    if (!wait_for(socket.get(), POLLOUT, deadline)) {
        return too_late();
    }
    socklen_t size = sizeof(errno);
    int error = 0;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
        return std::unexpected(std::error_code(error, std::generic_category()).message());
    }
    return {};
}

std::expected<void, std::string> send_all(const Socket& socket, std::string_view bytes, Steady::time_point deadline) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno != EAGAIN && errno != EINTR) {
            return std::unexpected(last_error());
        } else if (!wait_for(socket.get(), POLLOUT, deadline)) {
            return too_late();
        }
    }
    return {};
}

std::expected<HttpResponse, std::string> receive(
    const Socket& socket, std::size_t max_body_bytes, Steady::time_point deadline
) {
    ResponseReader reader(max_header_bytes, max_body_bytes);
    reader.start(BodyRule::as_framed);
    for (;;) {
        const auto space = reader.space();
        const ssize_t count = ::recv(socket.get(), space.data(), space.size(), 0);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
            if (!wait_for(socket.get(), POLLIN, deadline)) {
                return too_late();
            }
            continue;
        }
        if (count < 0) {
            return std::unexpected(last_error());
        }
        const ReadProgress progress = count == 0 ? reader.ended() : reader.received(static_cast<std::size_t>(count));
        if (progress == ReadProgress::complete) {
            return reader.take();
        }
        if (progress != ReadProgress::need_more) {
            return std::unexpected("an answer that is not HTTP, too long or cut short");
        }
    }
}

/// The body of a 200.
std::expected<std::string, std::string> ask(
    const asio::ip::tcp::endpoint& service,
    std::string_view request,
    std::size_t max_body_bytes,
    std::chrono::milliseconds limit
) {
    const auto deadline = Steady::now() + limit;
    const Socket socket(service.protocol().family());
    if (auto done = connect(socket, service, deadline); !done) {
        return std::unexpected(std::move(done.error()));
    }
    if (auto done = send_all(socket, request, deadline); !done) {
        return std::unexpected(std::move(done.error()));
    }
    auto response = receive(socket, max_body_bytes, deadline);
    if (!response) {
        return std::unexpected(std::move(response.error()));
    }
    if (response->status != 200) {
        wipe(response->body);
        return std::unexpected(fmt::format("status {}", response->status));
    }
    return std::move(response->body);
}

std::string host_header(const asio::ip::address& address) {
    return address.is_v6() ? fmt::format("[{}]", address.to_string()) : address.to_string();
}

/// What may stand in a header as it is.
bool is_session_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

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

std::expected<MetadataSession, std::string> MetadataSession::open(
    const asio::ip::tcp::endpoint& service, std::chrono::milliseconds limit
) {
    auto token =
        ask(service,
            fmt::format(
                "PUT /latest/api/token HTTP/1.1\r\nHost: {}\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n"
                "Content-Length: 0\r\nConnection: close\r\n\r\n",
                host_header(service.address())
            ),
            max_session_bytes,
            limit);
    if (!token) {
        return std::unexpected("no session: " + token.error());
    }
    if (!is_session_token(*token)) {
        return std::unexpected("a session that cannot be sent back");
    }
    MetadataSession session(service, limit, Secret(*token));
    wipe(*token);
    return session;
}

std::expected<std::string, std::string> MetadataSession::get(std::string_view path, std::size_t max_bytes) const {
    std::string request = fmt::format(
        "GET /latest/meta-data/{} HTTP/1.1\r\nHost: {}\r\nX-aws-ec2-metadata-token: {}\r\nConnection: close\r\n\r\n",
        path,
        host_header(service_.address()),
        token_.expose()
    );
    auto body = ask(service_, request, max_bytes, limit_);
    wipe(request);
    return body;
}

std::expected<std::string, std::string> ask_instance_region(
    const asio::ip::tcp::endpoint& service, std::chrono::milliseconds limit
) {
    const auto session = MetadataSession::open(service, limit);
    if (!session) {
        return std::unexpected(session.error());
    }
    return session->get("placement/region", max_region_bytes);
}

}  // namespace arngate::net
