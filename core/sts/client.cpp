#include "core/sts/client.hpp"

#include "core/base/random.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace arngate::sts {

namespace {

namespace asio = boost::asio;

// As long as the call runs, however it ends.
class InFlight {
public:
    explicit InFlight(Gauge& gauge) : gauge_(gauge) { gauge_.add(1); }
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;
    ~InFlight() { gauge_.add(-1); }

private:
    Gauge& gauge_;
};

net::HttpRequest request_for(const token::PresignedUrl& url, const std::string& cluster_id) {
    net::HttpRequest request;
    request.target = url.request_target();
    request.headers.reserve(2);
    request.headers.emplace_back(token::cluster_id_header, cluster_id);
    request.headers.emplace_back("accept", "application/json");
    return request;
}

void count_response(ClientMetrics& metrics, int status, std::string_view region) {
    std::array<char, 16> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), status);
    static_cast<void>(error);  // an int fits
    const std::string_view code(digits.data(), static_cast<std::size_t>(end - digits.data()));
    metrics.responses.with({code, region}).add();
}

}  // namespace

ClientMetrics::ClientMetrics(MetricsRegistry& registry)
    : responses(registry.counter_family(
          "aws_iam_authenticator_sts_responses_total", "Answers of STS, by status code.", {"ResponseCode", "StsRegion"}
      )),
      connection_failures(registry.counter_family(
          "aws_iam_authenticator_sts_connection_failures_total", "Calls of STS that got no answer.", {"StsRegion"}
      )),
      throttling(registry.counter_family(
          "aws_iam_authenticator_sts_throttling_total", "Calls that STS throttled.", {"StsRegion"}
      )),
      calls(registry.counter_family(
          "arngate_sts_calls_total",
          "Tokens that STS was asked about, retries not counted, by how it ended.",
          {"region", "outcome"}
      )),
      call_seconds(registry.histogram(
          "arngate_sts_call_seconds", "Time to learn from STS whose token it is, retries included.", latency_buckets()
      )),
      retries(registry.counter("arngate_sts_retries_total", "Calls of STS made again.")),
      in_flight(registry.gauge("arngate_sts_in_flight", "Tokens that STS is being asked about.")) {}

Client::Client(
    net::HttpsPool& pool,
    ClientOptions options,
    std::shared_ptr<ClientMetrics> metrics,
    std::shared_ptr<Governor> governor
)
    : pool_(pool), options_(std::move(options)), governor_(std::move(governor)), metrics_(std::move(metrics)) {}

Result<CallerIdentity> Client::read(Result<net::HttpResponse> response, const aws::StsHost& host) const {
    if (!response) {
        if (response.error().reason == Reason::sts_unreachable) {
            metrics_->connection_failures.with({host.region}).add();
        }
        return std::unexpected(std::move(response.error()));
    }
    count_response(*metrics_, response->status, host.region);
    auto identity = parse_response(response->status, response->body, options_.rules);
    if (!identity && identity.error().reason == Reason::sts_throttled) {
        metrics_->throttling.with({host.region}).add();
    }
    return identity;
}

asio::awaitable<Client::Attempt> Client::attempt_in_turn(
    const token::PresignedUrl& url, Deadline deadline, CallQueue::Place place
) {
    const aws::StsHost& host = url.host();
    std::optional<Governor::Permit> permit;
    if (governor_ != nullptr) {
        const ClaimedCredentials claimed{.access_key_id = url.access_key_id(), .session_token = url.session_token()};
        const Deadline turn = deadline.no_later_than(patience_for_turn(deadline.remaining(), options_.attempt_timeout));
        auto acquired = co_await Governor::acquire(governor_, host, claimed, turn, place);
        if (!acquired) {
            co_return Attempt{.identity = std::unexpected(std::move(acquired.error()))};
        }
        permit.emplace(std::move(*acquired));
    }
    const bool has_its_time = deadline.remaining() >= options_.attempt_timeout;
    net::Endpoint endpoint{.host = host.name, .port = options_.port};
    net::HttpRequest request = request_for(url, options_.cluster_id);
    auto response = co_await pool_.exchange(
        std::move(endpoint), std::move(request), deadline.no_later_than(options_.attempt_timeout)
    );
    Attempt made{.identity = read(std::move(response), host), .was_made = true};
    if (permit) {
        const Result<void> ended = made.identity ? Result<void>() : std::unexpected(made.identity.error());
        made.others_go_on = permit->finish(ended, !has_its_time && deadline.passed());
    }
    co_return made;
}

asio::awaitable<Result<CallerIdentity>> Client::verify(const token::PresignedUrl& url, Deadline deadline) {
    const InFlight in_flight(metrics_->in_flight);
    const SteadyTime started = std::chrono::steady_clock::now();
    Attempt last = co_await attempt_in_turn(url, deadline, CallQueue::Place::back);
    const bool was_asked = last.was_made;
    for (unsigned made = 1; !last.identity && last.was_made; ++made) {
        // While others are let through, patience is worth it: this attempt does not count as one of the last.
        const bool is_worth_it = last.others_go_on && options_.retry.max_attempts > 1;
        const unsigned counted = is_worth_it ? std::min(made, options_.retry.max_attempts - 1) : made;
        const Reason reason = last.identity.error().reason;
        const auto pause = pause_before_retry(options_.retry, counted, reason, deadline.remaining(), random_draw());
        if (!pause) {
            break;
        }
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer(executor, *pause);
        auto [ended] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (ended) {
            break;
        }
        metrics_->retries.add();
        last = co_await attempt_in_turn(url, deadline, CallQueue::Place::front);
    }
    Result<CallerIdentity>& identity = last.identity;

    // What the governor turned away, it has counted.
    if (was_asked) {
        const std::string_view outcome = identity ? std::string_view("ok") : label(identity.error().reason);
        metrics_->calls.with({url.host().region, outcome}).add();
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started;
        metrics_->call_seconds.observe(taken.count());
    }
    if (identity) {
        identity->access_key_id = url.access_key_id();
        identity->sts_host = url.host().name;
    }
    co_return std::move(identity);
}

}  // namespace arngate::sts
