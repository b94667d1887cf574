#pragma once

#include "core/aws/sts_hosts.hpp"
#include "core/base/deadline.hpp"
#include "core/base/metrics.hpp"
#include "core/base/result.hpp"
#include "core/sts/call_queue.hpp"
#include "core/sts/call_source.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>

namespace arngate::sts {

/// Decides for all loops together which calls to STS begin when, an endpoint at a time: see CallQueue. Shared, since
/// what STS lets through counts for the process, and all reviews may come over one connection and so to one loop.
/// Thread-safe; its lock is held for book-keeping only, and only a review that asks STS takes it.
///
/// Metrics: arngate_sts_circuit_state{endpoint}, arngate_sts_circuit_opened_total{endpoint},
/// arngate_sts_waiting, arngate_sts_not_asked_total{why}, arngate_sts_rate_cuts_total.
class Governor : public std::enable_shared_from_this<Governor> {
    struct Endpoint;
    struct Wait;

public:
    /// The right to make one call. Given back when it is told how the call ended, or dropped.
    class Permit {
    public:
        Permit(Permit&& other) noexcept = default;
        Permit& operator=(Permit&& other) = delete;
        Permit(const Permit&) = delete;
        Permit& operator=(const Permit&) = delete;
        ~Permit();

        /// How the call ended; once. True: it was throttled, but others like it were let through lately.
        bool finish(const Result<void>& ended, bool was_cut_short);

    private:
        friend class Governor;
        Permit(std::shared_ptr<Governor> governor, std::shared_ptr<Wait> wait)
            : governor_(std::move(governor)), wait_(std::move(wait)) {}
        std::shared_ptr<Governor> governor_;
        std::shared_ptr<Wait> wait_;  ///< nullptr: finished, or moved from
    };

    /// `registry` must outlive the governor.
    Governor(CallLimits limits, MetricsRegistry& registry);
    ~Governor();
    Governor(const Governor&) = delete;
    Governor& operator=(const Governor&) = delete;

    /// Waits for the turn of a call with a token of these credentials, whose texts stay as they are until the call is
    /// done. `host` must outlive the governor. Errors: at once what the endpoint failed with last (sts_unreachable or
    /// sts_unavailable) while its circuit is open, and overloaded when too many wait; at the deadline sts_throttled
    /// when calls are slowed since STS throttles, else overloaded.
    [[nodiscard]] static boost::asio::awaitable<Result<Permit>> acquire(
        std::shared_ptr<Governor> governor,
        const aws::StsHost& host,
        ClaimedCredentials claimed,
        Deadline deadline,
        CallQueue::Place place
    );

private:
    class Queued;
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace arngate::sts
