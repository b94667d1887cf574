#pragma once

#include "config/sources/source.hpp"
#include "core/base/clock.hpp"
#include "core/kube/list_watch.hpp"
#include "core/net/https_pool.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace arngate::config {

/// What the sources that ask an API server need.
struct KubeSourceOptions {
    boost::asio::any_io_executor executor;  ///< the mapping loop
    kube::AccessSource access;              ///< see kube_access_source
    std::shared_ptr<net::HttpsPoolMetrics> metrics;
    const Clock* clock = nullptr;                ///< outlives the source
    std::vector<std::string> reserved_prefixes;  ///< of the source's backend
    bool sso_roles = true;                       ///< whether SSO entries may match (gate SSORoleMatch)
    kube::ListWatchOptions watch{};
    std::function<void()> on_watch_failure{};  ///< after each failed try to list or watch; may be empty
};

/// server.kubeconfig and server.master: a kubeconfig with another server's URL, a server's URL alone (no credentials),
/// or, when both are empty, the service account of the pod that we run in. Files are read each time it is called.
[[nodiscard]] kube::AccessSource kube_access_source(std::string kubeconfig, std::string master);

/// A ListWatch of a collection for one source.
[[nodiscard]] std::unique_ptr<kube::ListWatch> make_list_watch(
    const KubeSourceOptions& options,
    kube::Collection collection,
    std::size_t max_list_bytes,
    kube::ListWatchHandler& handler
);

/// Makes reports of what a ListWatch tells: readings when they are new, a failure once until its cause changes, and a
/// reading when a failure is over.
class KubeReporter {
public:
    /// `document` stands in messages for what is read. `read` makes the reading of what is known now, or says why what
    /// is known cannot be used.
    KubeReporter(std::string document, std::function<std::expected<SourceReading, SourceFailure>()> read)
        : document_(std::move(document)), read_(std::move(read)) {}

    void start(Source::Report report) { report_ = std::move(report); }
    void stop() { report_ = nullptr; }
    /// What comes next is reported even if nothing has changed.
    void expect() { expected_ = true; }

    /// What is known has been confirmed, and is another than before if `is_new`.
    void confirmed(bool is_new);
    void watching();
    void failed(kube::ListWatchHandler::Stage stage, const kube::ApiError& error);

private:
    void report_now();

    std::string document_;
    std::function<std::expected<SourceReading, SourceFailure>()> read_;
    Source::Report report_;
    bool expected_ = true;
    bool watch_fails_ = false;  ///< a list that succeeds does not make it good
    std::string failure_;       ///< that was reported last, if it was none of the document itself
};

}  // namespace arngate::config
