#include "daemon/certificate_watch.hpp"

#include "daemon/pki/key_pair.hpp"

#include <utility>

namespace arngate {

CertificateWatch::CertificateWatch(
    boost::asio::any_io_executor executor,
    http::TlsServerOptions options,
    const watch::WatchOptions& watching,
    Done done
)
    : options_(std::move(options)), done_(std::move(done)), paths_{options_.certificate_file, options_.key_file} {
    if (!options_.client_ca_file.empty()) {
        paths_.push_back(options_.client_ca_file);
    }
    for (const std::string& path : paths_) {
        watchers_.push_back(std::make_unique<watch::FileWatcher>(executor, path, watching, [this] { look(); }));
    }
}

CertificateWatch::Stamps CertificateWatch::stamps() const {
    Stamps stamps;
    for (const std::string& path : paths_) {
        stamps.push_back(watch::stamp_of(path));
    }
    return stamps;
}

void CertificateWatch::start() {
    known_ = stamps();
    for (const auto& watcher : watchers_) {
        watcher->start();
    }
}

void CertificateWatch::look() {
    Stamps now = stamps();
    if (now == known_) {
        return;
    }
    known_ = std::move(now);
    const auto pair = pki::load_key_pair(options_.certificate_file, options_.key_file);
    if (!pair) {
        return done_(std::unexpected(pair.error()));
    }
    auto tls = http::make_tls_server(options_);
    if (!tls) {
        return done_(std::unexpected(std::move(tls).error()));
    }
    done_(Update{std::move(*tls), pair->not_after});
}

void CertificateWatch::stop() {
    for (const auto& watcher : watchers_) {
        watcher->stop();
    }
}

}  // namespace arngate
