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
            pool_ = std::make_unique<net::HttpsPool>(executor_, net::make_tls_client(options.tls), options, metrics_);
        } catch (const std::runtime_error& error) {
            return failure(Fault::unusable, error.what());
        }
    }
    return {};
}

asio::awaitable<ApiResult> ApiClient::ask_once(
    std::string_view method, std::string path, std::optional<std::string> json, Deadline deadline
) {
    auto ready = prepare();
    if (!ready) {
        co_return std::unexpected(std::move(ready.error()));
    }
    net::HttpRequest request;
    request.method = method;
    request.target = Secret(access_.path_prefix + path);
    request.authorization = login_.authorization();
    request.headers.emplace_back("Accept", "application/json");
    if (json) {
        request.headers.emplace_back("Content-Type", "application/json");
    }
    request.body = std::move(json);
    auto answer = co_await pool_->exchange(access_.server, std::move(request), deadline);
    if (!answer) {
        co_return failure_of(answer.error());
    }
    if (answer->status != 200 && answer->status != 201) {
        co_return std::unexpected(error_of_answer(answer->status, answer->body));
    }
    co_return std::move(answer->body);
}

asio::awaitable<ApiResult> ApiClient::ask(
    std::string_view method, std::string path, std::optional<std::string> json, Deadline deadline
) {
    auto first = co_await ask_once(method, path, json, deadline);
    if (first || first.error().fault != Fault::unauthorized || !login_.discard()) {
        co_return first;
    }
    close();
    pool_.reset();  // the next certificate belongs to new connections
    auto second = co_await ask_once(method, std::move(path), std::move(json), deadline);
    co_return second;
}

asio::awaitable<ApiResult> ApiClient::get(std::string path, Deadline deadline) {
    return ask("GET", std::move(path), std::nullopt, deadline);
}

asio::awaitable<ApiResult> ApiClient::put(std::string path, std::string json, Deadline deadline) {
    return ask("PUT", std::move(path), std::move(json), deadline);
}

void ApiClient::close() {
    if (pool_ != nullptr) {
        pool_->close();
    }
}

}  // namespace arngate::kube
