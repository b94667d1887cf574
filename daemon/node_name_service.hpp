#pragma once

#include "config/settings.hpp"
#include "core/base/clock.hpp"
#include "core/base/metrics.hpp"
#include "core/credentials/environment.hpp"
#include "core/ec2/client.hpp"
#include "core/ec2/instance_names.hpp"
#include "core/ec2/node_name_resolver.hpp"
#include "core/net/https_pool.hpp"
#include "core/sts/credentials_source.hpp"
#include "daemon/event_loop.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace arngate {

/// The names of EC2 instances, for {{EC2PrivateDNSName}}, on an event loop of their own: reading shared AWS files and
/// large answers, or asking the metadata service of the instance, holds nothing else up. The loop and what lives on it
/// begin when questions are expected; a server whose templates ask for no name has no thread for it and reads no AWS
/// file.
/// Region and credentials are looked for again while they are missing. Thread-safe.
class NodeNameService final : public ec2::NodeNameResolver {
public:
    /// All references must outlive the service.
    NodeNameService(
        const config::Settings& settings,
        const Clock& clock,
        MetricsRegistry& registry,
        std::shared_ptr<net::TlsClient> tls,
        std::shared_ptr<net::HttpsPoolMetrics> pool_metrics,
        credentials::Environment environment
    );
    ~NodeNameService() override;

    /// Settings that contradict each other, whether names are asked for or not: for the operator, at start.
    [[nodiscard]] static std::expected<void, std::string> check(const config::Settings& settings);
    /// Templates ask for names. The loop begins, finds region and credentials before the first question needs them, and
    /// says in the log what is missing.
    void expect_questions();

    [[nodiscard]] std::optional<Name> known(const ec2::NodeNameQuery& query) override;
    void resolve(ec2::NodeNameQuery query, boost::asio::any_io_executor reply_to, Done done) override;

    /// Answers all that wait and ends the loop; whoever comes later is refused. Before the loops that are replied to
    /// end.
    void stop();

private:
    /// Where calls go and for whom.
    struct Target {
        ec2::ClientOptions ec2;
        std::optional<sts::AssumedRoleOptions> role;
    };
    /// What lives on the loop, once a target is known.
    struct Machinery;

    [[nodiscard]] std::expected<Target, std::string> find_target() const;
    /// With the lock: on the loop, which begins.
    template <class F>
    void run(F action);
    /// On the loop. Nothing: it is there; else why it is not.
    [[nodiscard]] std::optional<std::string> prepare();
    void answer(ec2::NodeNameQuery query, boost::asio::any_io_executor reply_to, Done done);

    const config::Settings& settings_;
    const Clock& clock_;
    std::shared_ptr<net::TlsClient> tls_;
    std::shared_ptr<net::HttpsPoolMetrics> pool_metrics_;
    std::shared_ptr<ec2::ClientMetrics> client_metrics_;
    std::shared_ptr<ec2::InstanceNamesMetrics> names_metrics_;
    credentials::Environment environment_;

    std::mutex mutex_;
    bool started_ = false;  ///< guarded by mutex_, as is the next
    bool stopped_ = false;
    std::stop_source stop_;  ///< of reading credentials
    EventLoop loop_;
    std::unique_ptr<Machinery> machinery_;             ///< of the loop, as is the next
    std::optional<SteadyTime> looked_at_;              ///< when region and credentials were last found missing
    std::string trouble_;                              ///< what was missing then
    std::atomic<ec2::InstanceNames*> names_{nullptr};  ///< the machinery's, for all threads
};

}  // namespace arngate
