#pragma once

#include "config/sources/source.hpp"
#include "core/base/clock.hpp"
#include "core/kube/list_watch.hpp"
#include "core/net/https_pool.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
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

/// What a source of an API server follows.
struct KubeDocument {
    std::string_view source;  ///< name of the source
    std::string name;         ///< of the document, for messages
    kube::Collection collection;
    std::size_t max_list_bytes = 0;  ///< of one page
};

/// A source that lists and watches a collection: what those of all backends have in common. The class below it keeps
/// what it is told as a ListWatchHandler, and confirms it to the reporter.
class KubeSource : public Source, protected kube::ListWatchHandler {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return document_.source; }
    [[nodiscard]] bool is_local() const noexcept override { return false; }
    void start(Report report) override;
    void refresh() override;
    void stop() override;

protected:
    KubeSource(KubeSourceOptions options, KubeDocument document);

    /// A reading of what is known now, as the table wants it, or why that cannot be used.
    [[nodiscard]] virtual std::expected<SourceReading, SourceFailure> read() const = 0;

    void watching() override { reporter_.watching(); }
    void failed(Stage stage, const kube::ApiError& error) override;

    [[nodiscard]] const KubeSourceOptions& options() const noexcept { return options_; }
    [[nodiscard]] KubeReporter& reporter() noexcept { return reporter_; }

private:
    KubeSourceOptions options_;
    KubeDocument document_;
    KubeReporter reporter_;
    std::unique_ptr<kube::ListWatch> watch_;
};

}  // namespace arngate::config
