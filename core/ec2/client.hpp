#pragma once

#include "core/base/clock.hpp"
#include "core/base/deadline.hpp"
#include "core/base/metrics.hpp"
#include "core/ec2/describe_instances.hpp"
#include "core/net/https_pool.hpp"
#include "core/sts/credentials_source.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace arngate::ec2 {

/// Asks EC2 about instances. The seam between the look-ups and the network; tests put a fake here.
class Describer {
public:
    using Answer = std::expected<Described, DescribeError>;

    Describer() = default;
    Describer(const Describer&) = delete;
    Describer& operator=(const Describer&) = delete;
    virtual ~Describer() = default;

    /// One call, not repeated. The describer must outlive it.
    [[nodiscard]] virtual boost::asio::awaitable<Answer> describe(std::vector<std::string> ids, Deadline deadline) = 0;
};

struct ClientOptions {
    std::string host;    ///< of EC2, e.g. "ec2.eu-central-1.amazonaws.com"
    std::string region;  ///< the region that requests are signed for
    std::uint16_t port = 443;
    std::chrono::milliseconds timeout{4'000};  ///< of one call
};

struct ClientMetrics {
    explicit ClientMetrics(MetricsRegistry& registry);
    Counter& started;         ///< aws_iam_authenticator_ec2_describe_instances_calls_total
    CounterFamily& calls;     ///< arngate_ec2_calls_total{outcome}
    Histogram& call_seconds;  ///< arngate_ec2_call_seconds
    Histogram& batch;         ///< arngate_ec2_batch_instances
};

/// DescribeInstances over a pool, signed with the credentials of a source. One loop; not thread-safe.
class Client final : public Describer {
public:
    /// All references must outlive the client and every call.
    Client(
        const Clock& clock,
        net::HttpsPool& pool,
        sts::CredentialsSource& credentials,
        ClientOptions options,
        std::shared_ptr<ClientMetrics> metrics
    );

    [[nodiscard]] boost::asio::awaitable<Answer> describe(std::vector<std::string> ids, Deadline deadline) override;

private:
    [[nodiscard]] boost::asio::awaitable<Answer> call(const std::vector<std::string>& ids, Deadline deadline);

    const Clock& clock_;
    net::HttpsPool& pool_;
    sts::CredentialsSource& credentials_;
    ClientOptions options_;
    std::shared_ptr<ClientMetrics> metrics_;
};

}  // namespace arngate::ec2
