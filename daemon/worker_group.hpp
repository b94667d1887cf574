#pragma once

#include "core/mapping/table.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/http/bound_socket.hpp"
#include "daemon/http/tls_server.hpp"
#include "daemon/worker.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace arngate {

/// The event loops of a server, each with the worker that serves on it. All members are called by the thread that made
/// the group.
class WorkerGroup {
public:
    /// One more loop and its worker, which will serve on this socket. `shared` outlives the group.
    void add(const Shared& shared, std::shared_ptr<const mapping::Table> table, http::BoundSocket webhook);
    /// The worker for listeners that the process has once, until `start`.
    [[nodiscard]] Worker& first() noexcept { return *workers_.front(); }
    /// Every worker begins to accept.
    void start();
    [[nodiscard]] std::vector<EventLoop*> loops() const;

    /// For connections to come.
    void set_tls(const http::TlsServer& tls);
    /// For reviews to come.
    void set_table(const std::shared_ptr<const mapping::Table>& table);
    /// Lets every worker drain (Worker::drain), and then the first its listeners that the process has once. When all
    /// have, `done` is called, on one of the loops.
    void drain(std::function<void()> done);
    /// Closes what is left and ends the loops, each of which has `patience` for what it still does. No worker is there
    /// afterwards.
    void finish(std::chrono::milliseconds patience);

private:
    // Loops before workers: a worker's sockets and timers need their loop until the end.
    std::vector<std::unique_ptr<EventLoop>> loops_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace arngate
