#include "daemon/listening_sockets.hpp"

#include <fmt/format.h>

#include <fcntl.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace arngate {

namespace {

/// One descriptor a loop for the same socket: the kernel wakes any of them.
std::expected<std::vector<http::BoundSocket>, std::string> share_socket(http::BoundSocket socket, std::size_t count) {
    std::vector<http::BoundSocket> sockets;
    const bool v6 = socket.v6();
    const std::uint16_t port = socket.port();
    const int descriptor = socket.release();
    sockets.emplace_back(descriptor, v6, port);
    while (sockets.size() < count) {
        const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
        if (copy < 0) {
            return std::unexpected(fmt::format(
                "cannot share the socket of the service manager: {}", std::generic_category().message(errno)
            ));
        }
        sockets.emplace_back(copy, v6, port);
    }
    return sockets;
}

}  // namespace

std::expected<ListeningSockets, std::string> ListeningSockets::take(
    const ServiceNotifier::Environment& environment, http::PortOwner owner
) {
    auto inherited = inherited_sockets(environment);
    if (!inherited) {
        return std::unexpected(std::move(inherited).error());
    }
    for (const auto& [name, sockets] : *inherited) {
        if (sockets.size() != 1) {
            return std::unexpected(fmt::format(
                "the service manager gave {} sockets for {}, expected one: one ListenStream= in its socket unit",
                sockets.size(),
                name
            ));
        }
    }
    return ListeningSockets(std::move(*inherited), owner);
}

std::expected<std::vector<http::BoundSocket>, std::string> ListeningSockets::webhook(
    const config::ListenSettings& where, std::size_t count
) {
    const auto given = inherited_.find("webhook");
    if (given == inherited_.end()) {
        return http::bind_sockets(where.address, where.port, count, owner_);
    }
    return share_socket(std::move(given->second.front()), count);
}

std::expected<http::BoundSocket, std::string> ListeningSockets::side(
    std::string_view name, const config::ListenSettings& where
) {
    if (const auto given = inherited_.find(name); given != inherited_.end()) {
        return std::move(given->second.front());
    }
    auto bound = http::bind_sockets(where.address, where.port, 1, owner_);
    if (!bound) {
        return std::unexpected(std::move(bound).error());
    }
    return std::move(bound->front());
}

}  // namespace arngate
