#include "daemon/http/bound_socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <system_error>

namespace arngate::http {
namespace {

struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;

    [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
    [[nodiscard]] bool v6() const noexcept { return storage.ss_family == AF_INET6; }
};

enum class Sharing : bool { alone, with_siblings };

std::unexpected<std::string> failed(const std::string& where, int error) {
    return std::unexpected("cannot listen on " + where + ": " + std::generic_category().message(error));
}

Address every_interface(int family, std::uint16_t port) {
    Address address;
    if (family == AF_INET6) {
        const sockaddr_in6 any{
            .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_flowinfo = 0, .sin6_addr = {}, .sin6_scope_id = 0
        };
        std::memcpy(&address.storage, &any, sizeof any);
        address.length = sizeof any;
    } else {
        const sockaddr_in any{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {}, .sin_zero = {}};
        std::memcpy(&address.storage, &any, sizeof any);
        address.length = sizeof any;
    }
    return address;
}

std::expected<Address, std::string> resolve(const std::string& host, std::uint16_t port, const std::string& where) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (error != 0) {
        return std::unexpected("cannot listen on " + where + ": " + ::gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    Address address;
    std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    address.length = found->ai_addrlen;
    return address;
}

std::uint16_t port_of(const Address& address) {
    return ntohs(
        address.v6() ? reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port
                     : reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port
    );
}

void set_port(Address& address, std::uint16_t port) {
    if (address.v6()) {
        reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port = htons(port);
    } else {
        reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = htons(port);
    }
}

/// A bound and listening socket, or errno.
std::expected<BoundSocket, int> open_socket(const Address& address, Sharing sharing, bool dual_stack) {
    const int descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) {
        return std::unexpected(errno);
    }
    BoundSocket owner(descriptor, address.v6(), 0);
    const int on = 1;
    const int v6_only = dual_stack ? 0 : 1;
    // SO_REUSEADDR, so that connections of a server that just ended do not hold the port; it does not let two listen.
    bool ready = ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (sharing == Sharing::with_siblings) {
        ready = ready && ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0;
    }
    if (address.v6()) {
        ready = ready && ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only) == 0;
    }
    ready = ready && ::bind(descriptor, address.get(), address.length) == 0 && ::listen(descriptor, SOMAXCONN) == 0;
    Address real;
    real.length = sizeof real.storage;
    ready = ready && ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&real.storage), &real.length) == 0;
    if (!ready) {
        return std::unexpected(errno);
    }
    return BoundSocket(owner.release(), address.v6(), port_of(real));
}

/// As `open_socket`; `target` gets the real port, and IPv4 for every interface of a machine without IPv6.
std::expected<BoundSocket, int> open_first(Address& target, Sharing sharing, bool dual_stack) {
    auto socket = open_socket(target, sharing, dual_stack);
    if (!socket && dual_stack && (socket.error() == EAFNOSUPPORT || socket.error() == EADDRNOTAVAIL)) {
        target = every_interface(AF_INET, port_of(target));
        socket = open_socket(target, sharing, dual_stack);
    }
    if (socket) {
        set_port(target, socket->port());
    }
    return socket;
}

}  // namespace

BoundSocket& BoundSocket::operator=(BoundSocket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    v6_ = other.v6_;
    port_ = other.port_;
    return *this;
}

BoundSocket::~BoundSocket() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

std::expected<std::vector<BoundSocket>, std::string> bind_sockets(
    const std::string& address, std::uint16_t port, std::size_t count, PortOwner owner
) {
    const std::string shown = address.find(':') != std::string::npos ? "[" + address + "]" : address;
    const std::string where = shown + ":" + std::to_string(port);
    const bool dual_stack = address.empty();
    Address target;
    if (dual_stack) {
        target = every_interface(AF_INET6, port);
    } else {
        auto resolved = resolve(address, port, where);
        if (!resolved) {
            return std::unexpected(std::move(resolved.error()));
        }
        target = *resolved;
    }
    // The kernel lets any process of the same user share a port that has SO_REUSEPORT, and would hand it a part of our
    // connections. So, unless that is wanted, the port is first taken without.
    const bool shared = owner == PortOwner::shared && port != 0;
    auto first = open_first(target, shared ? Sharing::with_siblings : Sharing::alone, dual_stack);
    if (!first) {
        return failed(where, first.error());
    }
    std::vector<BoundSocket> sockets;
    sockets.push_back(std::move(*first));
    if (!shared) {
        sockets.clear();  // it has told that the port is free, and which one
    }
    while (sockets.size() < count) {
        auto socket = open_socket(target, Sharing::with_siblings, dual_stack);
        if (!socket) {
            return failed(where, socket.error());
        }
        sockets.push_back(std::move(*socket));
    }
    return sockets;
}

}  // namespace arngate::http
