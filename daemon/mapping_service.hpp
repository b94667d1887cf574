#pragma once

#include "config/problem.hpp"
#include "core/base/clock.hpp"
#include "core/base/metrics.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/mapping_copies.hpp"
#include "daemon/mapping_keeper.hpp"
#include "daemon/mapping_metrics.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace arngate {

/// What the mapping loop works with; made on it.
struct MappingSources {
    struct Modes {
        std::vector<std::string> names;
        std::string last_updated{};  ///< as SourceReading has it; empty: of the configuration
    };
    MappingKeeper::Factory factory;
    MappingSource last{};  ///< its source may be null
    /// Begins to watch for other lists of modes and hands each over, on the loop; ends when what it gave is destroyed.
    /// May be empty.
    std::function<std::shared_ptr<void>(std::function<void(Modes)>)> watch_modes{};
};

/// The mapping while the server runs: a loop of its own ("arngate-mapping") reads the sources, watches them and
/// compiles, so that no review ever waits for any of that. Thread-safe, except for start and stop.
class MappingService {
public:
    struct Options {
        MappingKeeper::Options keeper;
        std::vector<std::string> modes;  ///< server.backendMode
        std::chrono::milliseconds start_timeout{10'000};
    };
    /// The first table, or the problems of sources without which nothing may start.
    using First = std::expected<std::shared_ptr<const mapping::Table>, config::Problems>;
    /// Called on the loop.
    using Reloaded = std::function<void(MappingKeeper::Reloaded)>;
    using MakeSources = std::function<MappingSources(boost::asio::any_io_executor, Reloaded)>;

    /// `updates` takes what comes after the start, in order, on `control`. References outlive the service.
    MappingService(
        Options options,
        const Clock& clock,
        MetricsRegistry& registry,
        std::optional<MappingCopies> copies,
        MakeSources make_sources,
        boost::asio::any_io_executor control,
        std::function<void(MappingKeeper::Update)> updates
    );
    MappingService(const MappingService&) = delete;
    MappingService& operator=(const MappingService&) = delete;
    ~MappingService();

    /// Begins. `first` is called once, on `control`, before any update: when every source that needs no network has
    /// been read, or after the start timeout.
    void start(std::function<void(First)> first);
    /// Has every source read again.
    void refresh();
    /// Whether there ever was a mapping. Once true it stays so: that a source fails is no reason to send reviews away.
    [[nodiscard]] bool is_ready() const noexcept { return ready_.load(std::memory_order_relaxed); }
    /// One line a source, for people. From any thread.
    [[nodiscard]] std::vector<std::string> describe() const;
    /// Ends the loop; `first` and `updates` are called no more once `control` has run what waits there.
    void stop();
    /// The same, but returns false when a source keeps the loop's thread for longer than about `patience`, as reading a
    /// file of a file system that hangs does. Then `stop` and the destructor wait for it.
    [[nodiscard]] bool try_stop(std::chrono::milliseconds patience);

private:
    void begin();
    void set_modes(const std::vector<std::string>& modes);
    void build(MappingKeeper::Patience patience);
    void after_work();
    void show();
    void publish(MappingKeeper::Update update);
    void ask_to_stop();

    Options options_;
    const Clock& clock_;
    MappingMetrics metrics_;
    std::optional<MappingCopies> copies_;
    MakeSources make_sources_;
    boost::asio::any_io_executor control_;
    std::function<void(MappingKeeper::Update)> updates_;

    std::function<void(First)> first_;
    std::atomic<bool> ready_{false};
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;  ///< guarded by mutex_

    EventLoop loop_{"arngate-mapping"};
    bool stopped_ = false;
    // Of the loop, and destroyed on it.
    bool has_first_ = false;
    std::optional<boost::asio::steady_timer> timer_;
    std::optional<boost::asio::steady_timer> start_timer_;
    std::unique_ptr<MappingKeeper> keeper_;
    std::shared_ptr<void> mode_watch_;
};

}  // namespace arngate
