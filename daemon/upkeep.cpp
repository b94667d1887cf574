#include "daemon/upkeep.hpp"

#include "core/base/log.hpp"

#include <algorithm>
#include <utility>

namespace arngate {

namespace {

constexpr std::chrono::seconds loop_patience{10};
constexpr std::chrono::microseconds longest_interval = std::chrono::seconds(1);

}  // namespace

Upkeep::Upkeep(
    boost::asio::any_io_executor executor,
    const Clock& clock,
    const ServiceNotifier& notifier,
    std::vector<EventLoop*> loops,
    Options options,
    TakeCertificate take
)
    : clock_(clock),
      notifier_(notifier),
      take_(std::move(take)),
      heartbeat_(clock, std::move(loops)),
      certificate_(executor, options.tls, options.watching, [this](auto update) { this->take(std::move(update)); }),
      served_(std::move(options.certificate_stamps)),
      certificate_end_(options.certificate_end),
      interval_(std::min(longest_interval, notifier.watchdog_interval().value_or(longest_interval))),
      timer_(executor) {}

void Upkeep::start() {
    certificate_.start(std::move(served_));
    wait();
}

void Upkeep::stop() {
    stopped_ = true;
    timer_.cancel();
    certificate_.stop();
}

void Upkeep::wait() {
    timer_.expires_after(interval_);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (error || stopped_) {
            return;
        }
        // A manager that hears nothing restarts the process: the only cure for a loop that hangs.
        if (!heartbeat_.find_trouble(loop_patience)) {
            notifier_.alive();
        }
        heartbeat_.beat();
        wait();
    });
}

void Upkeep::take(std::expected<CertificateWatch::Update, std::string> update) {
    if (!update) {
        log::error("the new certificate cannot be used, the old one stays", {{"error", update.error()}});
        return;
    }
    certificate_end_.store(update->not_after, std::memory_order_relaxed);
    log::info("took a new certificate: open connections go on, new ones get it");
    take_(std::move(*update));
}

std::optional<std::string> Upkeep::find_hanging_loop() const {
    return heartbeat_.find_trouble(loop_patience);
}

std::optional<std::string> Upkeep::find_ended_certificate() const {
    if (clock_.wall() < certificate_end_.load(std::memory_order_relaxed)) {
        return std::nullopt;
    }
    return "the certificate of the webhook has ended";
}

}  // namespace arngate
