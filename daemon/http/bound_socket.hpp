#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace arngate::http {

/// A TCP socket that is bound and listens, but from which nobody accepts yet. Owns the descriptor.
class BoundSocket {
public:
    BoundSocket(int descriptor, bool v6, std::uint16_t port) noexcept : descriptor_(descriptor), v6_(v6), port_(port) {}
    BoundSocket(BoundSocket&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)), v6_(other.v6_), port_(other.port_) {}
    BoundSocket& operator=(BoundSocket&& other) noexcept;
    BoundSocket(const BoundSocket&) = delete;
    BoundSocket& operator=(const BoundSocket&) = delete;
    ~BoundSocket();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }  ///< the real one when 0 was asked for
    [[nodiscard]] bool v6() const noexcept { return v6_; }
    [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }

private:
    int descriptor_;
    bool v6_;
    std::uint16_t port_;
};

/// Whether a port may be taken that another process of the same user listens on and shares (SO_REUSEPORT).
enum class PortOwner : bool {
    sole,    ///< refuse: the kernel would deal connections to both
    shared,  ///< take it: one server replaces the other, and no connection finds the port closed
};

/// Binds one socket a loop to the same address (SO_REUSEPORT spreads the connections). All are bound before any is
/// accepted from. An empty address means every interface, IPv6 and IPv4; a name is resolved. The error is a sentence
/// that names the address.
[[nodiscard]] std::expected<std::vector<BoundSocket>, std::string> bind_sockets(
    const std::string& address, std::uint16_t port, std::size_t count, PortOwner owner = PortOwner::sole
);

}  // namespace arngate::http
