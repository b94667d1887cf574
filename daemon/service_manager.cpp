#include "daemon/service_manager.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <utility>

namespace arngate {

namespace {

constexpr int first_descriptor = 3;  // SD_LISTEN_FDS_START
constexpr int max_descriptors = 64;
constexpr timeval longest_wait{.tv_sec = 5, .tv_usec = 0};

std::optional<std::uint64_t> number_in(const ServiceNotifier::Environment& environment, const char* name) {
    const char* text = environment(name);
    if (text == nullptr) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    const char* end = text + std::strlen(text);
    const auto [stop, code] = std::from_chars(text, end, number);
    if (code != std::errc() || stop != end) {
        return std::nullopt;
    }
    return number;
}

bool is_for_us(const ServiceNotifier::Environment& environment, const char* name) {
    return number_in(environment, name) == static_cast<std::uint64_t>(::getpid());
}

/// What getsockname says of a listening TCP socket; nothing for any other descriptor.
std::optional<http::BoundSocket> listening_socket(int descriptor) {
    int listens = 0;
    socklen_t size = sizeof listens;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) {
        return std::nullopt;
    }
    int type = 0;
    size = sizeof type;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM) {
        return std::nullopt;
    }
    sockaddr_storage storage{};
    size = sizeof storage;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) != 0 ||
        (storage.ss_family != AF_INET && storage.ss_family != AF_INET6)) {
        return std::nullopt;
    }
    const bool v6 = storage.ss_family == AF_INET6;
    const in_port_t port = v6 ? reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port
                              : reinterpret_cast<const sockaddr_in*>(&storage)->sin_port;
    const int flags = ::fcntl(descriptor, F_GETFL);
    if (flags < 0 || ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0 ||
        ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) {
        return std::nullopt;
    }
    return http::BoundSocket(descriptor, v6, ntohs(port));
}

}  // namespace

ServiceNotifier::ServiceNotifier(const Environment& environment) {
    if (const char* path = environment("NOTIFY_SOCKET"); path != nullptr && (*path == '/' || *path == '@')) {
        socket_ = path;
    }
    const bool watches = environment("WATCHDOG_PID") == nullptr || is_for_us(environment, "WATCHDOG_PID");
    if (const auto wait = number_in(environment, "WATCHDOG_USEC"); wait && *wait > 1 && watches && !socket_.empty()) {
        watchdog_ = std::chrono::microseconds(*wait / 2);
    }
}

void ServiceNotifier::send(std::string_view message, Full full) const {
    if (socket_.empty()) {
        return;
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_.size() >= sizeof address.sun_path) {
        return;
    }
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    if (socket_.front() == '@') {
        address.sun_path[0] = '\0';  // an abstract name
    }
    const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | (full == Full::drop ? SOCK_NONBLOCK : 0), 0);
    if (descriptor < 0) {
        return;
    }
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &longest_wait, sizeof longest_wait);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    // A manager that does not listen any more is no reason to do anything else.
    ssize_t sent = 0;
    do {
        sent = ::sendto(
            descriptor,
            message.data(),
            message.size(),
            MSG_NOSIGNAL,
            reinterpret_cast<const sockaddr*>(&address),
            length
        );
    } while (sent < 0 && errno == EINTR);
    ::close(descriptor);
}

void ServiceNotifier::ready(std::string_view status) const {
    send(fmt::format("READY=1\nSTATUS={}\n", status), Full::wait);
}

void ServiceNotifier::stopping() const {
    send("STOPPING=1\nSTATUS=finishing running reviews\n", Full::drop);
}

void ServiceNotifier::alive() const {
    send("WATCHDOG=1\n", Full::drop);
}

std::expected<InheritedSockets, std::string> inherited_sockets(const ServiceNotifier::Environment& environment) {
    InheritedSockets sockets;
    const auto count = number_in(environment, "LISTEN_FDS");
    if (!count || *count == 0 || !is_for_us(environment, "LISTEN_PID")) {
        return sockets;
    }
    if (*count > max_descriptors) {
        return std::unexpected(fmt::format("LISTEN_FDS: found {}, expected at most {}", *count, max_descriptors));
    }
    const char* text = environment("LISTEN_FDNAMES");
    const std::string_view all_names = text == nullptr ? std::string_view() : std::string_view(text);
    const auto names = text::split(all_names, ':');
    for (std::size_t i = 0; i < *count; ++i) {
        const int descriptor = first_descriptor + static_cast<int>(i);
        auto socket = listening_socket(descriptor);
        const std::string_view name = i < names.size() ? names[i] : std::string_view();
        if (!socket) {
            return std::unexpected(fmt::format(
                "descriptor {} ({}) of the service manager is no listening TCP socket: give the socket unit "
                "ListenStream= with an address and a port",
                descriptor,
                name
            ));
        }
        const bool known = name == "health" || name == "metrics";
        sockets[known ? std::string(name) : "webhook"].push_back(std::move(*socket));
    }
    return sockets;
}

}  // namespace arngate
