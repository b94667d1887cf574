#include "daemon/mapping_service.hpp"

#include "core/base/log.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace arngate {

namespace asio = boost::asio;

namespace {

/// How long the loop may take to write what is due and to let sources go.
constexpr std::chrono::milliseconds loop_patience{1000};

}  // namespace

MappingService::MappingService(
    Options options,
    const Clock& clock,
    MetricsRegistry& registry,
    std::optional<MappingCopies> copies,
    MakeSources make_sources,
    asio::any_io_executor control,
    std::function<void(MappingKeeper::Update)> updates
)
    : options_(std::move(options)),
      clock_(clock),
      metrics_(registry),
      copies_(std::move(copies)),
      make_sources_(std::move(make_sources)),
      control_(std::move(control)),
      updates_(std::move(updates)) {}

MappingService::~MappingService() {
    stop();
}

void MappingService::start(std::function<void(First)> first) {
    first_ = std::move(first);
    loop_.start();
    loop_.post([this] { begin(); });
}

void MappingService::begin() {
    timer_.emplace(loop_.executor());
    start_timer_.emplace(loop_.executor());
    MappingSources sources = make_sources_(loop_.executor(), [this](MappingKeeper::Reloaded settings) {
        keeper_->apply(std::move(settings));
    });
    keeper_ = std::make_unique<MappingKeeper>(
        options_.keeper,
        clock_,
        metrics_,
        copies_ ? &*copies_ : nullptr,
        std::move(sources.factory),
        [this] { loop_.post([this] { build(MappingKeeper::Patience::for_local_sources); }); },
        [this](MappingKeeper::Update update) { publish(std::move(update)); }
    );
    if (sources.last.source != nullptr) {
        keeper_->set_last(std::move(sources.last));
    }
    set_modes(options_.modes);
    if (sources.watch_modes) {
        mode_watch_ = sources.watch_modes([this](const MappingSources::Modes& modes) {
            set_modes(modes.names);
            if (!modes.last_updated.empty()) {
                metrics_.count_delay("dynamic_backend_mode", modes.last_updated, clock_.wall());
            }
        });
    }
    start_timer_->expires_after(options_.start_timeout);
    start_timer_->async_wait([this](const boost::system::error_code& ec) {
        if (!ec && !has_first_) {
            log::error("a source of mappings that is a file was not read in time, the server starts without it");
            build(MappingKeeper::Patience::none);
        }
    });
}

void MappingService::set_modes(const std::vector<std::string>& modes) {
    const auto set = keeper_->set_modes(modes);
    if (!set) {
        log::error("the list of backends was not changed", {{"error", set.error()}});
        return;
    }
    after_work();
}

void MappingService::refresh() {
    loop_.post([this] {
        if (keeper_ != nullptr) {
            keeper_->refresh();
        }
    });
}

void MappingService::build(MappingKeeper::Patience patience) {
    if (keeper_ == nullptr) {
        return;  // stopped
    }
    keeper_->build(patience);
    after_work();
}

void MappingService::show() {
    if (keeper_->has_mapping()) {
        ready_.store(true, std::memory_order_relaxed);
    }
    auto lines = keeper_->describe();
    const std::lock_guard lock(mutex_);
    lines_ = std::move(lines);
}

void MappingService::after_work() {
    show();
    const auto next = keeper_->next_time();
    if (!next) {
        timer_->cancel();
        return;
    }
    timer_->expires_at(*next);
    timer_->async_wait([this](const boost::system::error_code& ec) {
        if (!ec && keeper_ != nullptr) {
            keeper_->on_time();
            after_work();
        }
    });
}

void MappingService::publish(MappingKeeper::Update update) {
    show();  // before anybody hears of it
    if (!std::exchange(has_first_, true)) {
        start_timer_->cancel();
        First first = std::move(update.table);
        if (config::Problems problems = keeper_->start_problems(); !problems.empty()) {
            first = std::unexpected(std::move(problems));
        }
        asio::post(control_, [this, first = std::move(first)]() mutable { first_(std::move(first)); });
        return;
    }
    asio::post(control_, [this, update = std::move(update)]() mutable { updates_(std::move(update)); });
}

std::vector<std::string> MappingService::describe() const {
    const std::lock_guard lock(mutex_);
    return lines_;
}

void MappingService::stop() {
    ask_to_stop();
    loop_.finish(loop_patience);
}

bool MappingService::try_stop(std::chrono::milliseconds patience) {
    ask_to_stop();
    return loop_.try_finish(patience);
}

void MappingService::ask_to_stop() {
    if (std::exchange(stopped_, true)) {
        return;
    }
    loop_.post([this] {
        mode_watch_.reset();
        if (keeper_ != nullptr) {
            keeper_->stop();
            keeper_.reset();
        }
        timer_.reset();
        start_timer_.reset();
    });
}

}  // namespace arngate
