#include "config/watch/file_watcher.hpp"

#include "core/base/log.hpp"

#include <boost/system/error_code.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace arngate::watch {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// How often the way to the file may turn out to be another while it is being watched, before the next poll must do.
constexpr int max_rounds = 8;

SteadyTime now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

FileWatcher::FileWatcher(
    asio::any_io_executor executor, std::string path, WatchOptions options, std::function<void()> look
)
    : executor_(std::move(executor)),
      path_(std::move(path)),
      options_(options),
      look_(std::move(look)),
      settle_timer_(executor_),
      poll_timer_(executor_),
      debounce_(options.quiet, options.longest),
      alive_(std::make_shared<const char>()) {}

FileWatcher::~FileWatcher() {
    stop();
}

void FileWatcher::start() {
    if (options_.use_events)
        open_events();
    stamp_ = stamp_of(path_);
    wait_for_poll();
}

void FileWatcher::stop() {
    stopped_ = true;
    alive_.reset();
    settle_timer_.cancel();
    poll_timer_.cancel();
    // The descriptor is Inotify's to close.
    if (readable_)
        readable_->release();
    readable_.reset();
    inotify_.reset();
    watches_.clear();
}

void FileWatcher::touch() {
    if (!stopped_)
        note_change();
}

bool FileWatcher::is_being_written() const {
    return written_since_ && now() < *written_since_ + options_.writer_patience;
}

void FileWatcher::open_events() {
    auto inotify = Inotify::open();
    if (!inotify) {
        fall_back(inotify.error().message());
        return;
    }
    inotify_ = *std::move(inotify);
    error_code error;
    readable_.emplace(executor_);
    // The wrapper throws or reports where the executor cannot wait for one descriptor more.
    static_cast<void>(readable_->assign(inotify_->descriptor(), error));
    if (error) {
        readable_.reset();
        inotify_.reset();
        fall_back(error.message());
        return;
    }
    watch_trail();
    wait_for_events();
}

/// Watches every directory on the way as it is now. What changes between looking and watching shows in the next look.
void FileWatcher::watch_trail() {
    deaf_ = false;
    for (int round = 0; round < max_rounds; ++round) {
        std::vector<TrailStep> trail = path_trail(path_);
        if (round > 0 && trail == trail_)
            return;
        trail_ = std::move(trail);
        std::unordered_map<int, Watched> watches;
        add_watches(watches);
        for (const auto& [watch, watched] : watches_) {
            if (!watches.contains(watch))
                inotify_->remove(watch);
        }
        watches_ = std::move(watches);
    }
    touch();
}

void FileWatcher::add_watches(std::unordered_map<int, Watched>& watches) {
    for (const TrailStep& step : trail_) {
        const auto watch =
            inotify_->add(step.directory, step.is_file ? Inotify::Detail::files : Inotify::Detail::names);
        if (watch) {
            Watched& watched = watches[*watch];
            watched.names.push_back(step.name);
            if (step.is_file)
                watched.files.push_back(step.name);
        } else if (const int number = watch.error().value(); number != ENOENT && number != ENOTDIR) {
            deaf_ = true;
            fall_back(watch.error().message());
        }
    }
}

void FileWatcher::fall_back(std::string_view reason) {
    if (std::exchange(warned_, true))
        return;
    log::warning(
        "changes of a file are found by looking at it from time to time, since the kernel tells of none",
        {{"file", path_}, {"reason", reason}, {"seconds", options_.poll_interval.count() / 1000}}
    );
}

void FileWatcher::wait_for_events() {
    readable_->async_wait(
        asio::posix::stream_descriptor::wait_read,
        [this, alive = std::weak_ptr(alive_)](const error_code& error) {
            if (error || alive.expired())
                return;
            take_events();
            wait_for_events();
        }
    );
}

void FileWatcher::take_events() {
    bool changed = false;
    bool moved = false;
    inotify_->read([&](int watch, Inotify::Event event, std::string_view name) {
        take_event(watch, event, name, changed, moved);
    });
    if (moved)
        watch_trail();
    if (changed || moved)
        note_change();
}

void FileWatcher::take_event(int watch, Inotify::Event event, std::string_view name, bool& changed, bool& moved) {
    using enum Inotify::Event;
    if (event == overflow) {
        moved = true;
        written_since_.reset();
        return;
    }
    const auto found = watches_.find(watch);
    if (found == watches_.end())
        return;  // removed since
    const Watched& watched = found->second;
    if (event == lost) {
        moved = true;
        return;
    }
    if (std::ranges::find(watched.names, name) == watched.names.end())
        return;
    if (event == replaced) {
        moved = true;
        written_since_.reset();
    }
    if (std::ranges::find(watched.files, name) == watched.files.end())
        return;
    changed = true;
    if (event == written && !written_since_)
        written_since_ = now();
    if (event == closed)
        written_since_.reset();
}

void FileWatcher::note_change() {
    stamp_ = stamp_of(path_);
    wait_until(debounce_.touch(now()));
}

void FileWatcher::wait_until(SteadyTime when) {
    settle_timer_.expires_at(when);
    settle_timer_.async_wait([this, alive = std::weak_ptr(alive_)](const error_code& error) {
        if (!error && !alive.expired())
            settle();
    });
}

/// It has been quiet: time to look, unless a writer is at it.
void FileWatcher::settle() {
    if (is_being_written()) {
        wait_until(*written_since_ + options_.writer_patience);  // or when it is closed
        return;
    }
    // Where there are no events, only this shows that it goes on.
    const auto stamp = stamp_of(path_);
    if (stamp != std::exchange(stamp_, stamp) && !debounce_.is_overdue(now())) {
        wait_until(debounce_.touch(now()));
        return;
    }
    debounce_.reset();
    look_();
}

void FileWatcher::wait_for_poll() {
    poll_timer_.expires_after(options_.poll_interval);
    poll_timer_.async_wait([this, alive = std::weak_ptr(alive_)](const error_code& error) {
        if (!error && !alive.expired())
            poll();
    });
}

void FileWatcher::poll() {
    wait_for_poll();
    if (inotify_)
        watch_trail();  // limits may have been raised, file systems mounted over the way
    const auto stamp = stamp_of(path_);
    if (stamp != stamp_) {
        note_change();
    } else if (!debounce_.is_pending()) {
        look_();
    }
}

}  // namespace arngate::watch
