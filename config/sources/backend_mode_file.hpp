#pragma once

#include "config/sources/backend_mode_document.hpp"
#include "config/watch/watched_file.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <expected>
#include <functional>
#include <optional>
#include <string>

namespace arngate::config {

/// The backends in force, decided by a file while the server runs (`server.dynamicBackendModePath`). Lives on one
/// executor, like its callbacks.
class BackendModeFile {
public:
    /// The modes of the file; nothing: there is no file, so those of the configuration hold. Problems, at least one:
    /// the file is there and cannot be used, so what holds now goes on.
    using Report = std::function<void(std::expected<std::optional<BackendModeDocument>, Problems>)>;

    BackendModeFile(boost::asio::any_io_executor executor, std::string path, watch::WatchOptions watch);

    /// Begins to read and to watch; once. `report` is called soon with the first reading, then whenever the file has
    /// changed; never from inside. It must not destroy the object.
    void start(Report report);
    /// Reads again, and reports even if nothing has changed.
    void refresh() { file_.refresh(); }
    /// Ends watching; `report` is not called any more. Idempotent.
    void stop() { file_.stop(); }

private:
    void take(std::expected<std::string, watch::FileError> content);

    Report report_;
    watch::WatchedFile file_;
};

}  // namespace arngate::config
