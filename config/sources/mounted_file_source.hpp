#pragma once

#include "config/load.hpp"
#include "config/sources/source.hpp"
#include "config/watch/file_watcher.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

namespace arngate::config {

struct MountedFileOptions {
    LoadRequest request;      ///< as the server was started with; a request without a file has one reading
    EffectiveValues running;  ///< of the start: changes against these that act only at a start are named each time
    Problems told;            ///< warnings of the start: the first reading does not tell them again
    watch::WatchOptions watch;
    /// Called before each reading is reported, with what it was taken from: other keys act at once, too. May be empty.
    std::function<void(const Loaded&)> loaded;
};

/// The backend MountedFile: `mapRoles`, `mapUsers` and `mapAccounts` of the configuration file. All or nothing: any
/// problem of any key keeps the file from being used, as at a start, and so does its absence. Warnings of the file come
/// as problems of the reading.
[[nodiscard]] std::unique_ptr<Source> make_mounted_file_source(
    boost::asio::any_io_executor executor, MountedFileOptions options
);

}  // namespace arngate::config
