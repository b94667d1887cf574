#pragma once

#include "core/base/clock.hpp"
#include "core/base/metrics.hpp"
#include "core/ec2/client.hpp"
#include "core/ec2/lookup_queue.hpp"
#include "core/ec2/name_cache.hpp"
#include "core/ec2/node_name_resolver.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <optional>

namespace arngate::ec2 {

struct InstanceNamesOptions {
    LookupOptions lookup;
    NameCacheOptions cache;
    bool same_account = true;  ///< an instance's name is given to callers of the instance's own account alone
};

struct InstanceNamesMetrics {
    explicit InstanceNamesMetrics(MetricsRegistry& registry);
    Counter& hits;     ///< arngate_ec2_cache_lookups_total{result="hit"}
    Counter& misses;   ///< arngate_ec2_cache_lookups_total{result="miss"}
    Gauge& entries;    ///< arngate_ec2_cache_entries
    Gauge& waiting;    ///< arngate_ec2_reviews_waiting
    Counter& foreign;  ///< arngate_ec2_foreign_instances_total
};

/// The names of EC2 instances for all loops: a cache that every thread may ask, and one loop on which the look-ups of
/// all of them come together, so that they share batches and the rate. Decisions: LookupQueue.
class InstanceNames final : public NodeNameResolver {
public:
    /// `executor` is the loop of the look-ups; the describer and the clock live on while it runs.
    InstanceNames(
        boost::asio::any_io_executor executor,
        const Clock& clock,
        Describer& describer,
        const InstanceNamesOptions& options,
        std::shared_ptr<InstanceNamesMetrics> metrics
    );
    ~InstanceNames() override;

    [[nodiscard]] std::optional<Name> known(const NodeNameQuery& query) override;
    void resolve(NodeNameQuery query, boost::asio::any_io_executor reply_to, Done done) override;

    /// Answers all that wait, and those who come from now on, with ec2_unavailable. On the loop of the look-ups.
    void close();

private:
    struct State;
    std::shared_ptr<State> state_;  ///< shared with what the loop still has to do
};

}  // namespace arngate::ec2
