#pragma once

#include "core/base/clock.hpp"
#include "daemon/http/rate_limit.hpp"
#include "daemon/http/session.hpp"
#include "daemon/http/tls_server.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace arngate::http {

class Connection;

/// The connections of one listener and what they share. One loop. Deadlines are looked at in sweeps over the list, so
/// that no request has a timer.
class ConnectionSet {
public:
    ConnectionSet(std::shared_ptr<SessionContext> context, TlsServer tls)
        : context_(std::move(context)), tls_(std::move(tls)) {}
    ConnectionSet(const ConnectionSet&) = delete;
    ConnectionSet& operator=(const ConnectionSet&) = delete;

    void add(Connection& connection) noexcept;
    void remove(Connection& connection) noexcept;

    void sweep(SteadyTime now);
    /// See Listener::drain.
    void drain(std::move_only_function<void()> done, SteadyTime until);
    void close_all();

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] const std::shared_ptr<SessionContext>& context() const noexcept { return context_; }
    [[nodiscard]] const TlsServer& tls() const noexcept { return tls_; }
    void set_tls(TlsServer tls) { tls_ = std::move(tls); }
    [[nodiscard]] RateLimit& handshake_log() noexcept { return handshake_log_; }

private:
    [[nodiscard]] std::vector<std::shared_ptr<Connection>> all() const;
    void tell_if_empty();

    std::shared_ptr<SessionContext> context_;
    TlsServer tls_;
    Connection* first_ = nullptr;
    std::size_t size_ = 0;
    SteadyTime drain_until_ = SteadyTime::max();
    std::move_only_function<void()> drained_;
    RateLimit handshake_log_{10, std::chrono::seconds(10)};
};

}  // namespace arngate::http
