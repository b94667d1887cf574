#pragma once

#include "config/watch/file_watcher.hpp"
#include "core/base/clock.hpp"
#include "daemon/http/tls_server.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace arngate {

/// Reads the serving certificate, its key and the client CAs again when one of the files changes, and hands over what a
/// listener needs if they are whole and belong together. Until then the old ones stay: the two files of a pair are
/// replaced one after the other. Lives on one executor, like its callback, and reads there.
class CertificateWatch {
public:
    struct Update {
        http::TlsServer tls;
        WallTime not_after;  ///< of the server's own certificate
    };
    /// What tells the files from what they were before.
    using Stamps = std::vector<std::optional<watch::FileStamp>>;
    /// With the error, a sentence that names the file; once for each new state of the files, and for each `retry`.
    using Done = std::function<void(std::expected<Update, std::string>)>;

    CertificateWatch(
        boost::asio::any_io_executor executor,
        http::TlsServerOptions options,
        const watch::WatchOptions& watching,
        Done done
    );
    CertificateWatch(const CertificateWatch&) = delete;
    CertificateWatch& operator=(const CertificateWatch&) = delete;

    /// The files that these options name, as they are now: to be taken before they are read for what is served first.
    [[nodiscard]] static Stamps stamps_of(const http::TlsServerOptions& options);

    /// Begins to watch. What has changed since `served` were taken is read at once.
    void start(Stamps served);
    /// Reads the files now, if they have changed.
    void look();
    /// The same, but what could not be read or used the last time is tried again: the cause may lie elsewhere.
    void retry();
    void stop();

private:
    void read();

    http::TlsServerOptions options_;
    Done done_;
    std::vector<std::unique_ptr<watch::FileWatcher>> watchers_;
    Stamps known_;
    bool failed_ = false;  ///< the last reading
};

}  // namespace arngate
