#pragma once

#include "config/settings.hpp"
#include "config/sources/source.hpp"
#include "config/watch/file_watcher.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace arngate::config {

/// The backend DynamicFile: the JSON file of `server.dynamicfilepath`, found by ARN or, with
/// `server.dynamicfileUserIDStrict`, by user id. All or nothing, see read_dynamic_file. It is `missing` while there is
/// no such file.
[[nodiscard]] std::unique_ptr<Source> make_dynamic_file_source(
    boost::asio::any_io_executor executor, const Settings& settings, const watch::WatchOptions& watch
);

}  // namespace arngate::config
