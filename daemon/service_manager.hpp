#pragma once

#include "daemon/http/bound_socket.hpp"

#include <chrono>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What systemd and we tell each other, by the protocols of sd_notify(3) and sd_listen_fds(3); without its library.
namespace arngate {

/// Tells the service manager how the process is. Does nothing where no manager asked for it. Thread-safe.
class ServiceNotifier {
public:
    using Environment = std::function<const char*(const char* name)>;

    /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
    explicit ServiceNotifier(const Environment& environment);

    /// Listening; `status` is a line for people. A manager that has not read what came before is waited for, five
    /// seconds at most: without this one it would take the start for failed.
    void ready(std::string_view status) const;
    void stopping() const;
    /// To be said more often than `watchdog_interval`.
    void alive() const;

    /// How often `alive` has to be said: half of what the manager waits. Nothing: it does not watch.
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval() const noexcept { return watchdog_; }

private:
    enum class Full : bool { drop, wait };
    void send(std::string_view message, Full full) const;

    std::string socket_;
    std::optional<std::chrono::microseconds> watchdog_;
};

/// Sockets that the manager has bound for us, by their names (FileDescriptorName=): "webhook", "health", "metrics". One
/// without a name of these is the webhook's.
using InheritedSockets = std::map<std::string, std::vector<http::BoundSocket>, std::less<>>;

/// Takes them over: reads LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES. Empty where none were given to this process. Fails
/// for a descriptor that is no listening TCP socket; the text says which.
[[nodiscard]] std::expected<InheritedSockets, std::string> inherited_sockets(
    const ServiceNotifier::Environment& environment
);

}  // namespace arngate
