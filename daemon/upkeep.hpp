#pragma once

#include "core/base/clock.hpp"
#include "daemon/certificate_watch.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/http/tls_server.hpp"
#include "daemon/loop_heartbeat.hpp"
#include "daemon/service_manager.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace arngate {

/// What a server does for itself beside its reviews: finds event loops that hang, tells the service manager, and takes
/// a new certificate. Lives on the control executor; what health checks ask may come from any thread.
class Upkeep {
public:
    struct Options {
        http::TlsServerOptions tls;
        watch::WatchOptions watching;
        /// Of the certificate that is served at the start.
        WallTime certificate_end;
        CertificateWatch::Stamps certificate_stamps;
    };
    using TakeCertificate = std::function<void(CertificateWatch::Update)>;

    /// References outlive this. `take` comes on `executor`.
    Upkeep(
        boost::asio::any_io_executor executor,
        const Clock& clock,
        const ServiceNotifier& notifier,
        std::vector<EventLoop*> loops,
        Options options,
        TakeCertificate take
    );
    Upkeep(const Upkeep&) = delete;
    Upkeep& operator=(const Upkeep&) = delete;

    void start();
    /// Looks at the certificate now: somebody asked for it.
    void refresh() { certificate_.retry(); }
    void stop();

    /// For /livez: an event loop that has not run for ten seconds. From any thread.
    [[nodiscard]] std::optional<std::string> find_hanging_loop() const;
    /// For /readyz: a certificate that has ended, which no client accepts. From any thread.
    [[nodiscard]] std::optional<std::string> find_ended_certificate() const;

private:
    void take(std::expected<CertificateWatch::Update, std::string> update);
    void wait();

    const Clock& clock_;
    const ServiceNotifier& notifier_;
    TakeCertificate take_;
    LoopHeartbeat heartbeat_;
    CertificateWatch certificate_;
    CertificateWatch::Stamps served_;  ///< until `start`
    std::atomic<WallTime> certificate_end_;
    std::chrono::microseconds interval_;
    boost::asio::steady_timer timer_;
    bool stopped_ = false;
};

}  // namespace arngate
