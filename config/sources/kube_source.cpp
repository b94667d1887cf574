#include "config/sources/kube_source.hpp"

#include "config/kubeconfig.hpp"

#include <cstdlib>
#include <utility>

namespace arngate::config {

kube::AccessSource kube_access_source(std::string kubeconfig, std::string master) {
    return
        [kubeconfig = std::move(kubeconfig), master = std::move(master)]() -> std::expected<kube::Access, std::string> {
            if (!kubeconfig.empty()) {
                return read_kubeconfig({.file = kubeconfig, .context = {}, .master_url = master});
            }
            if (master.empty()) {
                return in_cluster_access([](const char* name) { return static_cast<const char*>(std::getenv(name)); });
            }
            auto url = kube::parse_server_url(master);
            if (!url) {
                return std::unexpected("server.master: " + url.error());
            }
            kube::Access access;
            access.server = std::move(url->server);
            access.path_prefix = std::move(url->path_prefix);
            return access;
        };
}

void KubeReporter::confirmed(bool is_new) {
    const bool is_over = !failure_.empty() && !watch_fails_;
    if (is_new || is_over || expected_) {
        report_now();
    }
}

void KubeReporter::watching() {
    if (std::exchange(watch_fails_, false) && !failure_.empty()) {
        report_now();
    }
}

void KubeReporter::report_now() {
    expected_ = false;
    failure_.clear();
    if (report_) {
        report_(read_());
    }
}

void KubeReporter::failed(kube::ListWatchHandler::Stage stage, const kube::ApiError& error) {
    watch_fails_ = stage == kube::ListWatchHandler::Stage::watch;
    if (error.detail == failure_ && !expected_) {
        return;
    }
    expected_ = false;
    failure_ = error.detail;
    SourceFailure failure;
    failure.kind = SourceFailure::Kind::unreachable;
    Problem problem;
    problem.file = document_;
    problem.advice = error.detail + ".";
    problem.of_document = true;
    failure.problems.push_back(std::move(problem));
    if (report_) {
        report_(std::unexpected(std::move(failure)));
    }
}

KubeSource::KubeSource(KubeSourceOptions options, KubeDocument document)
    : options_(std::move(options)),
      document_(std::move(document)),
      reporter_(document_.name, [this] { return read(); }) {}

void KubeSource::start(Report report) {
    reporter_.start(std::move(report));
    kube::ApiClientOptions client;
    client.max_response_bytes = document_.max_list_bytes;
    auto session = std::make_unique<kube::ApiSession>(options_.executor, options_.access, client, options_.metrics);
    kube::ListWatchHandler& handler = *this;
    watch_ = std::make_unique<kube::ListWatch>(
        options_.executor, std::move(session), document_.collection, options_.watch, *options_.clock, handler
    );
    watch_->start();
}

void KubeSource::refresh() {
    reporter_.expect();
    if (watch_ != nullptr) {
        watch_->refresh();
    }
}

void KubeSource::stop() {
    reporter_.stop();
    watch_.reset();
}

void KubeSource::failed(Stage stage, const kube::ApiError& error) {
    if (options_.on_watch_failure) {
        options_.on_watch_failure();
    }
    reporter_.failed(stage, error);
}

}  // namespace arngate::config
