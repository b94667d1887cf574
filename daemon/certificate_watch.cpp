#include "daemon/certificate_watch.hpp"

#include "daemon/pki/key_pair.hpp"

#include <utility>

namespace arngate {

namespace {

std::vector<std::string> paths_of(const http::TlsServerOptions& options) {
    std::vector<std::string> paths{options.certificate_file, options.key_file};
    if (!options.client_ca_file.empty()) {
        paths.push_back(options.client_ca_file);
    }
    return paths;
}

}  // namespace

CertificateWatch::CertificateWatch(
    boost::asio::any_io_executor executor,
    http::TlsServerOptions options,
    const watch::WatchOptions& watching,
    Done done
)
    : options_(std::move(options)), done_(std::move(done)) {
    for (const std::string& path : paths_of(options_)) {
        watchers_.push_back(std::make_unique<watch::FileWatcher>(executor, path, watching, [this] { look(); }));
    }
}

CertificateWatch::Stamps CertificateWatch::stamps_of(const http::TlsServerOptions& options) {
    Stamps stamps;
    for (const std::string& path : paths_of(options)) {
        stamps.push_back(watch::stamp_of(path));
    }
    return stamps;
}

void CertificateWatch::start(Stamps served) {
    known_ = std::move(served);
    for (const auto& watcher : watchers_) {
        watcher->start();
    }
    look();
}

void CertificateWatch::look() {
    Stamps now = stamps_of(options_);
    if (now != known_) {
        known_ = std::move(now);
        read();
    }
}

void CertificateWatch::retry() {
    if (failed_) {
        known_ = stamps_of(options_);
        return read();
    }
    look();
}

void CertificateWatch::read() {
    failed_ = true;
    const auto pair = pki::load_key_pair(options_.certificate_file, options_.key_file);
    if (!pair) {
        return done_(std::unexpected(pair.error()));
    }
    auto tls = http::make_tls_server(options_);
    if (!tls) {
        return done_(std::unexpected(std::move(tls).error()));
    }
    failed_ = false;
    done_(Update{std::move(*tls), pair->not_after});
}

void CertificateWatch::stop() {
    for (const auto& watcher : watchers_) {
        watcher->stop();
    }
}

}  // namespace arngate
