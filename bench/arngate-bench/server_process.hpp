#pragma once

#include "bench/arngate-bench/target.hpp"

#include <atomic>
#include <expected>
#include <string>
#include <vector>

#include <sys/types.h>

namespace arngate::bench {

/// A server that lives as long as this object: started with a command, ended by SIGTERM, and by SIGKILL if it does not
/// end within ten seconds. Its output goes to standard error.
class ServerProcess {
public:
    /// Throws std::system_error when the command cannot be started.
    explicit ServerProcess(const std::vector<std::string>& command);
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;
    ~ServerProcess();

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// Notices that it has ended. Not for several threads at once.
    [[nodiscard]] bool has_ended();

private:
    pid_t pid_ = -1;
    bool has_ended_ = false;
};

/// Waits until something accepts connections at the address. Fails with a text for the user: the server (if it is ours)
/// ended, or half a minute went by.
[[nodiscard]] std::expected<void, std::string> wait_until_listening(
    ServerProcess* server, const SocketAddress& address, const std::atomic<bool>& stop
);

}  // namespace arngate::bench
