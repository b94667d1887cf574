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
    /// With the error, a sentence that names the file; once for each new state of the files.
    using Done = std::function<void(std::expected<Update, std::string>)>;

    CertificateWatch(
        boost::asio::any_io_executor executor,
        http::TlsServerOptions options,
        const watch::WatchOptions& watching,
        Done done
    );
    CertificateWatch(const CertificateWatch&) = delete;
    CertificateWatch& operator=(const CertificateWatch&) = delete;

    /// The files as they are now count as known.
    void start();
    /// Reads them now, if they have changed.
    void look();
    void stop();

private:
    using Stamps = std::vector<std::optional<watch::FileStamp>>;
    [[nodiscard]] Stamps stamps() const;

    http::TlsServerOptions options_;
    Done done_;
    std::vector<std::string> paths_;
    std::vector<std::unique_ptr<watch::FileWatcher>> watchers_;
    Stamps known_;
};

}  // namespace arngate
