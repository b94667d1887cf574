#include "core/credentials/token_exchange.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace arngate::credentials {

namespace {

constexpr std::chrono::milliseconds limit{5'000};

}  // namespace

std::expected<Url, std::string> operation_url(
    const Means& means, Service service, std::string_view region, std::string_view path
) {
    auto url = service_endpoint(means.environment, means.shared, service, region);
    if (url) {
        url->target += url->target.ends_with('/') ? "" : "/";
        url->target += path;
    }
    return url;
}

std::expected<std::string, std::string> exchange_token(Means& means, const TokenExchange& exchange) {
    const Secret body = exchange.question.to_json();
    const auto make = [&] {
        HttpCall one;
        one.tls = exchange.url.tls;
        one.endpoint = exchange.url.endpoint;
        one.request.method = "POST";
        one.request.target = Secret(exchange.url.target);
        one.request.headers.emplace_back("Content-Type", "application/json");
        if (!exchange.proof.empty()) {
            one.request.headers.emplace_back("DPoP", exchange.proof);
        }
        one.request.body = std::string(body.expose());
        one.max_body_bytes = exchange.max_answer_bytes;
        one.limit = limit;
        one.ca_bundle = exchange.ca_bundle;
        return one;
    };
    auto answer = call(means, make, 1);
    if (!answer) {
        return std::unexpected("gave no answer: " + answer.error().what);
    }
    if (constexpr int ok = 200; answer->status != ok) {
        wipe(answer->body);
        return std::unexpected(fmt::format("answered with status {}", answer->status));
    }
    return std::move(answer->body);
}

}  // namespace arngate::credentials
