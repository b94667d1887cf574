#include "core/credentials/net_transport.hpp"

#include "core/base/deadline.hpp"
#include "core/net/https_connection.hpp"
#include "core/net/plain_http.hpp"
#include "core/net/request_head.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace arngate::credentials {

namespace asio = boost::asio;

namespace {

using Answer = std::expected<net::HttpResponse, CallFailure>;
using Kind = CallFailure::Kind;

/// Of the part that resolves, connects and shakes hands.
constexpr std::chrono::milliseconds connect_limit{3'000};

std::unexpected<CallFailure> failure(Kind kind, std::string what) {
    return std::unexpected(CallFailure{.kind = kind, .what = std::move(what)});
}

Kind kind_of(net::PlainFailure::Kind kind) {
    switch (kind) {
        case net::PlainFailure::Kind::not_reached:
            return Kind::not_reached;
        case net::PlainFailure::Kind::no_answer:
            return Kind::no_answer;
        case net::PlainFailure::Kind::bad_answer:
            return Kind::bad_answer;
        case net::PlainFailure::Kind::bad_request:
            break;
    }
    return Kind::impossible;
}

asio::awaitable<void> exchange_plain(asio::io_context& io, HttpCall call, std::optional<Answer>& answer) {
    auto got = co_await net::plain_exchange(
        io.get_executor(),
        std::move(call.endpoint),
        std::move(call.request),
        call.max_body_bytes,
        Deadline::after(call.limit)
    );
    if (got) {
        answer.emplace(*std::move(got));
    } else {
        answer.emplace(failure(kind_of(got.error().kind), std::move(got.error().what)));
    }
}

asio::awaitable<void> exchange_tls(
    std::shared_ptr<net::HttpsConnection> connection,
    const net::Proxy* proxy,
    HttpCall call,
    std::optional<Answer>& answer
) {
    const auto deadline = Deadline::after(call.limit);
    const auto head = net::request_head(call.endpoint, call.request);
    if (!head) {
        answer.emplace(failure(Kind::impossible, head.error().detail));
        co_return;
    }
    auto opened = co_await connection->open(call.endpoint, proxy, deadline.no_later_than(connect_limit));
    if (!opened) {
        answer.emplace(failure(Kind::not_reached, std::move(opened.error().detail)));
        co_return;
    }
    auto got = co_await connection->exchange(head->expose(), net::BodyRule::as_framed, deadline);
    connection->close();
    if (got) {
        answer.emplace(*std::move(got));
    } else {
        const Kind kind = got.error().reason == Reason::sts_bad_answer ? Kind::bad_answer : Kind::no_answer;
        answer.emplace(failure(kind, std::move(got.error().detail)));
    }
}

}  // namespace

NetTransport::NetTransport(net::ProxySettings proxy, std::stop_token stop)
    : settings_(std::move(proxy)), stop_(std::move(stop)) {}

NetTransport::~NetTransport() = default;

std::expected<std::shared_ptr<net::TlsClient>, CallFailure> NetTransport::tls_client(const std::string& ca_bundle) {
    auto& client = tls_[ca_bundle];
    if (client == nullptr) {
        net::TlsClientOptions options;
        if (!ca_bundle.empty()) {
            options.system_trust = false;
            options.ca_files.push_back(ca_bundle);
        }
        try {
            client = net::make_tls_client(options);
        } catch (const std::runtime_error& e) {
            return failure(Kind::impossible, e.what());
        }
    }
    return client;
}

std::expected<net::HttpResponse, CallFailure> NetTransport::exchange(HttpCall call) {
    asio::io_context io{1};
    const std::stop_callback stopper(stop_, [&io] { io.stop(); });
    std::optional<Answer> answer;
    std::exception_ptr thrown;
    const auto ended = [&thrown](const std::exception_ptr& error) { thrown = error; };

    std::optional<net::Proxy> proxy;
    if (!call.tls) {
        asio::co_spawn(io, exchange_plain(io, std::move(call), answer), ended);
    } else {
        auto tls = tls_client(call.ca_bundle);
        if (!tls) {
            return std::unexpected(std::move(tls.error()));
        }
        if (!settings_.https_proxy.empty() && settings_.applies_to(call.endpoint.host, call.endpoint.port)) {
            auto parsed = net::Proxy::parse(settings_.https_proxy);
            if (!parsed) {
                return failure(Kind::impossible, std::move(parsed.error()));
            }
            proxy = std::move(*parsed);
        }
        net::HttpsPoolOptions limits;
        limits.max_response_bytes = call.max_body_bytes;
        auto connection =
            std::make_shared<net::HttpsConnection>(io.get_executor(), *std::move(tls), call.endpoint, limits);
        asio::co_spawn(
            io, exchange_tls(std::move(connection), proxy ? &*proxy : nullptr, std::move(call), answer), ended
        );
    }
    io.run();
    if (thrown != nullptr) {
        std::rethrow_exception(thrown);
    }
    if (!answer) {
        return failure(Kind::impossible, "stopped");
    }
    return *std::move(answer);
}

void NetTransport::pause(std::chrono::milliseconds span) {
    asio::io_context io{1};
    const std::stop_callback stopper(stop_, [&io] { io.stop(); });
    asio::steady_timer timer(io, span);
    timer.async_wait([](const boost::system::error_code&) {});
    io.run();
}

}  // namespace arngate::credentials
