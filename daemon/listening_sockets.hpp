#pragma once

#include "config/settings.hpp"
#include "daemon/http/bound_socket.hpp"
#include "daemon/service_manager.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate {

/// The sockets of a server: those that a service manager has bound, else our own.
class ListeningSockets {
public:
    /// Takes over what the manager gave; what it did not give is bound as `owner` says. Fails where that cannot be
    /// used; the text says what to change.
    [[nodiscard]] static std::expected<ListeningSockets, std::string> take(
        const ServiceNotifier::Environment& environment, http::PortOwner owner
    );

    /// One for each of `count` event loops. The manager's single socket is shared by all of them.
    [[nodiscard]] std::expected<std::vector<http::BoundSocket>, std::string> webhook(
        const config::ListenSettings& where, std::size_t count
    );
    /// That of another listener, "health" or "metrics".
    [[nodiscard]] std::expected<http::BoundSocket, std::string> side(
        std::string_view name, const config::ListenSettings& where
    );

private:
    ListeningSockets(InheritedSockets inherited, http::PortOwner owner)
        : inherited_(std::move(inherited)), owner_(owner) {}

    InheritedSockets inherited_;
    http::PortOwner owner_;
};

}  // namespace arngate
