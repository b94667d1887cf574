#pragma once

#include "config/watch/debounce.hpp"
#include "config/watch/file_content.hpp"
#include "config/watch/inotify.hpp"
#include "config/watch/path_trail.hpp"
#include "core/base/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace arngate::watch {

struct WatchOptions {
    std::chrono::milliseconds poll_interval{60'000};    ///< the file is looked at this often whatever the events say
    std::chrono::milliseconds quiet{100};               ///< without a further change, until it is looked at
    std::chrono::milliseconds longest{1'000};           ///< under changes that never pause
    std::chrono::milliseconds writer_patience{30'000};  ///< how long a writer that keeps the file open is waited for
    bool use_events = true;                             ///< off: poll alone
};

/// Tells when a file may have changed: it was written, replaced, removed or made, or a symbolic link or directory on
/// the way to it was, as a volume of Kubernetes does with `..data`. A file that somebody is seen to write is left alone
/// until that is closed. Where the kernel tells nothing (network file systems, limits reached: one warning in the log),
/// polling finds changes of size, times and inode. Lives on one executor, like its callbacks; destroyed there, or when
/// that runs no more.
class FileWatcher {
public:
    /// `look` is called when it is time to look at the file: after each change, and at each poll even without one,
    /// since there are file systems that tell no change in time or size. It may call `touch`, `stop`, and destroy the
    /// watcher.
    FileWatcher(
        boost::asio::any_io_executor executor, std::string path, WatchOptions options, std::function<void()> look
    );
    FileWatcher(const FileWatcher&) = delete;
    FileWatcher& operator=(const FileWatcher&) = delete;
    ~FileWatcher();

    /// Begins to watch, once; what changes from now on is told. Does not call `look` by itself.
    void start();
    /// `look` is called no more. Idempotent.
    void stop();
    /// `look` is called soon, as after a change.
    void touch();

    /// Whether somebody is known to have the file open for writing.
    [[nodiscard]] bool is_being_written() const;
    /// Whether the kernel tells of changes to each name on the way to the file.
    [[nodiscard]] bool hears_events() const noexcept { return inotify_.has_value() && !deaf_; }

private:
    struct Watched {
        std::vector<std::string> names;
        std::vector<std::string> files;  ///< those of `names` that may be the file itself
    };

    void open_events();
    void watch_trail();
    void add_watches(std::unordered_map<int, Watched>& watches);
    void fall_back(std::string_view reason);
    void wait_for_events();
    void take_events();
    void take_event(int watch, Inotify::Event event, std::string_view name, bool& changed, bool& moved);
    void note_change();
    void wait_until(SteadyTime when);
    void settle();
    void wait_for_poll();
    void poll();

    boost::asio::any_io_executor executor_;
    std::string path_;
    WatchOptions options_;
    std::function<void()> look_;
    std::optional<Inotify> inotify_;
    std::optional<boost::asio::posix::stream_descriptor> readable_;
    boost::asio::steady_timer settle_timer_;
    boost::asio::steady_timer poll_timer_;
    Debounce debounce_;
    std::vector<TrailStep> trail_;
    std::unordered_map<int, Watched> watches_;
    std::optional<FileStamp> stamp_;
    std::optional<SteadyTime> written_since_;  ///< written and not closed
    bool deaf_ = false;
    bool warned_ = false;
    bool stopped_ = false;
    std::shared_ptr<const char> alive_;  ///< handlers that outlive this find it gone
};

}  // namespace arngate::watch
