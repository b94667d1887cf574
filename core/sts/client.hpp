#pragma once

#include "core/base/deadline.hpp"
#include "core/base/metrics.hpp"
#include "core/base/result.hpp"
#include "core/net/https_pool.hpp"
#include "core/sts/caller_identity.hpp"
#include "core/sts/governor.hpp"
#include "core/sts/response.hpp"
#include "core/sts/retry_policy.hpp"
#include "core/token/presigned_url.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace arngate::sts {

/// Proves a token. The seam between the pipeline and STS; tests put a fake here.
class Verifier {
public:
    Verifier() = default;
    Verifier(const Verifier&) = delete;
    Verifier& operator=(const Verifier&) = delete;
    virtual ~Verifier() = default;

    /// Asks STS whose token this is. The caller keeps `url` alive until the awaitable is done.
    [[nodiscard]] virtual boost::asio::awaitable<Result<CallerIdentity>> verify(
        const token::PresignedUrl& url, Deadline deadline
    ) = 0;
};

struct ClientOptions {
    std::string cluster_id;
    ResponseRules rules;
    RetryOptions retry;
    std::uint16_t port = 443;
    std::chrono::milliseconds attempt_timeout{5000};
};

struct ClientMetrics {
    explicit ClientMetrics(MetricsRegistry& registry);
    CounterFamily& responses;            ///< aws_iam_authenticator_sts_responses_total{ResponseCode,StsRegion}
    CounterFamily& connection_failures;  ///< aws_iam_authenticator_sts_connection_failures_total{StsRegion}
    CounterFamily& throttling;           ///< aws_iam_authenticator_sts_throttling_total{StsRegion}
    CounterFamily& calls;                ///< arngate_sts_calls_total{region,outcome}
    Histogram& call_seconds;             ///< arngate_sts_call_seconds
    Counter& retries;                    ///< arngate_sts_retries_total
    Gauge& in_flight;                    ///< arngate_sts_in_flight
};

/// The client of one event loop: waits for the call's turn, rebuilds the URL, sends it with our own cluster id in the
/// signed header, retries throttling, server errors and broken connections with jitter inside the deadline. A call that
/// is throttled while others like it are let through goes on until the deadline, however many attempts that takes.
/// Not thread-safe.
class Client final : public Verifier {
public:
    /// `pool` must outlive the client and every call. Without a governor every call begins at once.
    Client(
        net::HttpsPool& pool,
        ClientOptions options,
        std::shared_ptr<ClientMetrics> metrics,
        std::shared_ptr<Governor> governor = nullptr
    );

    [[nodiscard]] boost::asio::awaitable<Result<CallerIdentity>> verify(
        const token::PresignedUrl& url, Deadline deadline
    ) override;

private:
    /// What STS said about a token that was sent to this host. Counts it.
    [[nodiscard]] Result<CallerIdentity> read(Result<net::HttpResponse> response, const aws::StsHost& host) const;

    /// One attempt when its turn has come, with whether another one makes sense however many were made.
    struct Attempt {
        Result<CallerIdentity> identity;
        bool was_made = false;
        bool others_go_on = false;
    };
    [[nodiscard]] boost::asio::awaitable<Attempt> attempt_in_turn(
        const token::PresignedUrl& url, Deadline deadline, CallQueue::Place place
    );

    net::HttpsPool& pool_;
    ClientOptions options_;
    std::shared_ptr<Governor> governor_;
    std::shared_ptr<ClientMetrics> metrics_;
};

}  // namespace arngate::sts
