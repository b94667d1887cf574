#include "core/kube/api_client.hpp"

#include <stdexcept>
#include <utility>

namespace arngate::kube {

namespace asio = boost::asio;

namespace {

std::unexpected<ApiError> failure(Fault fault, std::string detail) {
    ApiError error;
    error.fault = fault;
    error.detail = std::move(detail);
    return std::unexpected(std::move(error));
}

/// The pool speaks of any server; whether one answered is what matters here.
std::unexpected<ApiError> failure_of(const Error& error) {
    const bool answered = error.reason == Reason::sts_bad_answer;
    return failure(answered ? Fault::bad_answer : Fault::unreachable, error.detail);
}

constexpr const char* json_type = "application/json";
/// A Status object; a longer body of a refusal is not read.
constexpr std::size_t max_refusal_bytes = 64UL * 1024;

/// One watch's answer: lines if it is 200, else a refusal.
class Watched {
public:
    Watched(LineSink sink, std::size_t max_line_bytes) : sink_(std::move(sink)), lines_(max_line_bytes) {}

    bool take(const net::StreamHead& head, std::string_view piece) {
        head_ = head;
        if (head.status == 200) {
            if (piece.empty() && !sink_(piece)) {
                fed_ = LineBuffer::Fed::enough;
                return false;
            }
            fed_ = lines_.feed(piece, sink_);
            return fed_ == LineBuffer::Fed::more;
        }
        refusal_.append(piece.substr(0, max_refusal_bytes - refusal_.size()));
        return refusal_.size() < max_refusal_bytes;
    }

    [[nodiscard]] std::expected<void, ApiError> outcome(const Result<void>& ended) const {
        if (head_.status != 0 && head_.status != 200) {
            return std::unexpected(error_of_answer(head_.status, refusal_, head_.retry_after));
        }
        if (fed_ == LineBuffer::Fed::too_long) {
            return failure(Fault::bad_answer, "an event of the watch is too large");
        }
        if (!ended) {
            return failure_of(ended.error());
        }
        if (fed_ == LineBuffer::Fed::more && lines_.has_part()) {
            return failure(Fault::unreachable, "the watch ended in the middle of an event");
        }
        return {};
    }

private:
    LineSink sink_;
    LineBuffer lines_;
    LineBuffer::Fed fed_ = LineBuffer::Fed::more;
    net::StreamHead head_;
    std::string refusal_;
};

}  // namespace

ApiClient::ApiClient(
    asio::any_io_executor executor,
    Access access,
    ApiClientOptions options,
    std::shared_ptr<net::HttpsPoolMetrics> metrics
)
    : executor_(std::move(executor)),
      access_(std::move(access)),
      options_(options),
      metrics_(std::move(metrics)),
      login_(access_, options_.plugin_limit) {}

net::HttpsPoolOptions ApiClient::pool_options() const {
    net::HttpsPoolOptions options;
    options.tls = login_.tls();
    options.proxy = net::ProxySettings::from_environment();
    if (!access_.proxy_url.empty()) {
        options.proxy = net::ProxySettings{access_.proxy_url, {}};
    }
    options.max_connections_per_endpoint = 4;
    options.max_response_bytes = options_.max_response_bytes;
    options.connect_timeout = options_.connect_timeout;
    return options;
}

std::expected<void, ApiError> ApiClient::prepare() {
    auto ready = login_.prepare();
    if (!ready) {
        return failure(Fault::unusable, std::move(ready.error()));
    }
    if (pool_ == nullptr) {
        try {
            const net::HttpsPoolOptions options = pool_options();
            tls_ = net::make_tls_client(options.tls);
            pool_ = std::make_unique<net::HttpsPool>(executor_, tls_, options, metrics_);
        } catch (const std::runtime_error& error) {
            return failure(Fault::unusable, error.what());
        }
    }
    return {};
}

net::HttpRequest ApiClient::request_for(Ask what) const {
    net::HttpRequest request;
    request.method = what.method;
    request.target = Secret(access_.path_prefix + what.path);
    request.authorization = login_.authorization();
    request.headers.emplace_back("Accept", "application/json");
    if (what.body) {
        request.headers.emplace_back("Content-Type", what.type);
    }
    request.body = std::move(what.body);
    return request;
}

asio::awaitable<ApiResult> ApiClient::ask_once(Ask what, Deadline deadline) {
    auto ready = prepare();
    if (!ready) {
        co_return std::unexpected(std::move(ready.error()));
    }
    net::HttpRequest request = request_for(std::move(what));
    auto answer = co_await pool_->exchange(access_.server, std::move(request), deadline);
    if (!answer) {
        co_return failure_of(answer.error());
    }
    if (answer->status != 200 && answer->status != 201) {
        co_return std::unexpected(error_of_answer(answer->status, answer->body, answer->retry_after));
    }
    co_return std::move(answer->body);
}

bool ApiClient::renew(const ApiError& error) {
    if (error.fault != Fault::unauthorized || !login_.discard()) {
        return false;
    }
    close();
    pool_.reset();  // the next certificate belongs to new connections
    return true;
}

asio::awaitable<ApiResult> ApiClient::ask(Ask what, Deadline deadline) {
    Ask copy = what;
    auto first = co_await ask_once(std::move(copy), deadline);
    if (first || !renew(first.error())) {
        co_return first;
    }
    auto second = co_await ask_once(std::move(what), deadline);
    co_return second;
}

asio::awaitable<ApiResult> ApiClient::get(std::string path, Deadline deadline) {
    return ask({.method = "GET", .path = std::move(path)}, deadline);
}

asio::awaitable<ApiResult> ApiClient::put(std::string path, std::string json, Deadline deadline) {
    return ask({.method = "PUT", .path = std::move(path), .type = json_type, .body = std::move(json)}, deadline);
}

asio::awaitable<ApiResult> ApiClient::merge(std::string path, std::string json, Deadline deadline) {
    return ask(
        {.method = "PATCH", .path = std::move(path), .type = "application/merge-patch+json", .body = std::move(json)},
        deadline
    );
}

asio::awaitable<ApiResult> ApiClient::post(std::string path, std::string json, Deadline deadline) {
    return ask({.method = "POST", .path = std::move(path), .type = json_type, .body = std::move(json)}, deadline);
}

asio::awaitable<std::expected<void, ApiError>> ApiClient::watch(std::string path, LineSink sink, WatchLimits limits) {
    auto first = co_await watch_once(path, sink, limits);
    if (first || !renew(first.error())) {
        co_return first;
    }
    auto second = co_await watch_once(std::move(path), std::move(sink), limits);
    co_return second;
}

asio::awaitable<std::expected<void, ApiError>> ApiClient::watch_once(
    std::string path, LineSink sink, WatchLimits limits
) {
    auto ready = prepare();
    if (!ready) {
        co_return std::unexpected(std::move(ready.error()));
    }
    const auto stream = std::make_shared<net::HttpsStream>(executor_, tls_, pool_options());
    stream_ = stream;
    Watched watched(std::move(sink), limits.max_line_bytes);
    net::HttpRequest request = request_for({.method = "GET", .path = std::move(path)});
    net::HttpsStream::Sink take = [&watched](const net::StreamHead& head, std::string_view piece) {
        return watched.take(head, piece);
    };
    const auto ended = co_await stream->run(
        access_.server, std::move(request), Deadline::after(limits.opening), limits.silence, std::move(take)
    );
    if (stream_ == stream) {
        stream_.reset();
    }
    co_return watched.outcome(ended);
}

void ApiClient::end_watch() {
    if (stream_ != nullptr) {
        stream_->close();
    }
}

void ApiClient::close() {
    if (pool_ != nullptr) {
        pool_->close();
    }
    end_watch();
}

}  // namespace arngate::kube
