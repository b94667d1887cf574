#include "core/ec2/client.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace arngate::ec2 {

namespace asio = boost::asio;

namespace {

using Kind = DescribeError::Kind;

constexpr std::array<double, 7> batch_buckets{1, 2, 5, 10, 20, 50, 100};

/// What failed before EC2 said anything: credentials or the connection.
DescribeError error_of(Error error, Kind if_denied) {
    DescribeError result;
    result.detail = std::move(error.detail);
    switch (error.reason) {
        case Reason::sts_denied:
            result.kind = if_denied;
            break;
        case Reason::sts_throttled:
            result.kind = Kind::throttled;
            break;
        case Reason::sts_bad_answer:
            result.kind = Kind::bad_answer;
            break;
        default:
            result.kind = Kind::unavailable;
    }
    return result;
}

}  // namespace

ClientMetrics::ClientMetrics(MetricsRegistry& registry)
    : started(registry.counter(
          "aws_iam_authenticator_ec2_describe_instances_calls_total", "Number of EC2 describe instances calls."
      )),
      calls(registry.counter_family(
          "arngate_ec2_calls_total", "Calls of EC2 DescribeInstances, by how they ended.", {"outcome"}
      )),
      call_seconds(
          registry.histogram("arngate_ec2_call_seconds", "Time of one EC2 DescribeInstances call.", latency_buckets())
      ),
      batch(registry.histogram(
          "arngate_ec2_batch_instances", "Instances asked about in one EC2 DescribeInstances call.", batch_buckets
      )) {}

Client::Client(
    const Clock& clock,
    net::HttpsPool& pool,
    sts::CredentialsSource& credentials,
    ClientOptions options,
    std::shared_ptr<ClientMetrics> metrics
)
    : clock_(clock),
      pool_(pool),
      credentials_(credentials),
      options_(std::move(options)),
      metrics_(std::move(metrics)) {}

asio::awaitable<Describer::Answer> Client::describe(std::vector<std::string> ids, Deadline deadline) {
    const SteadyTime started = std::chrono::steady_clock::now();
    auto answer = co_await call(ids, deadline.no_later_than(options_.timeout));
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started;
    metrics_->call_seconds.observe(taken.count());
    const std::string_view outcome = answer ? std::string_view("ok") : label(answer.error().kind);
    metrics_->calls.with({outcome}).add();
    co_return answer;
}

asio::awaitable<Describer::Answer> Client::call(const std::vector<std::string>& ids, Deadline deadline) {
    auto credentials = co_await credentials_.get(deadline);
    if (!credentials) {
        co_return std::unexpected(error_of(std::move(credentials.error()), Kind::refused));
    }
    const aws::RequestToSign plain = describe_instances_request(options_.host, options_.region, ids);
    aws::SignedRequest signed_request = aws::sign_request(plain, **credentials, clock_.wall());
    net::HttpRequest request;
    request.target = Secret(signed_request.target);
    request.headers = std::move(signed_request.headers);
    metrics_->started.add();
    metrics_->batch.observe(static_cast<double>(ids.size()));
    net::Endpoint endpoint{.host = options_.host, .port = options_.port};
    auto response = co_await pool_.exchange(std::move(endpoint), std::move(request), deadline);
    if (!response) {
        co_return std::unexpected(error_of(std::move(response.error()), Kind::unavailable));
    }
    auto described = parse_describe_instances(response->status, response->body, ids);
    if (!described && described.error().kind == Kind::bad_credentials) {
        credentials_.invalidate();
    }
    co_return described;
}

}  // namespace arngate::ec2
