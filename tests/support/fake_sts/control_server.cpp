#include "tests/support/fake_sts/control_server.hpp"

#include "core/base/text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <utility>

namespace arngate::fake_sts {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable);
constexpr auto wait_poll = std::chrono::milliseconds(2);
constexpr std::uint64_t max_wait_ms = 600'000;
constexpr std::uint64_t max_body_bytes = 64U * 1024 * 1024;

ControlAnswer wrong(int status, std::string_view what) {
    std::string escaped;
    for (const char c : what) {
        escaped += c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 ? '\'' : c;
    }
    return {.status = status, .body = fmt::format(R"({{"error":"{}"}})", escaped)};
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

std::optional<Wait> parse_wait(std::string_view target) {
    constexpr std::string_view start = "/wait?";
    if (!target.starts_with(start)) {
        return std::nullopt;
    }
    Wait wait;
    for (const std::string_view piece : text::split(target.substr(start.size()), '&')) {
        const auto equals = piece.find('=');
        const std::string_view name = piece.substr(0, equals);
        const std::string_view value = equals == std::string_view::npos ? "" : piece.substr(equals + 1);
        if (name == "counter") {
            wait.counter = value;
            continue;
        }
        const auto count = parse_count(value);
        if (!count || (name != "at_least" && name != "timeout_ms")) {
            return std::nullopt;
        }
        (name == "at_least" ? wait.at_least : wait.timeout_ms) = *count;
    }
    if (wait.counter.empty() || wait.timeout_ms > max_wait_ms) {
        return std::nullopt;
    }
    return wait;
}

ControlServer::ControlServer(
    asio::io_context& context, std::uint16_t port, KeyTable& keys, FaultSwitch& faults, Stats& stats, AwsApi* api
)
    : context_(context),
      acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), port)),
      keys_(keys),
      faults_(faults),
      stats_(stats),
      api_(api) {}

void ControlServer::start() {
    asio::co_spawn(context_, accept(), asio::detached);
}

ControlAnswer ControlServer::handle(std::string_view method, std::string_view target, std::string_view body) {
    if (method == "GET" && target == "/stats") {
        return {.status = 200, .body = stats_.json()};
    }
    if (method == "POST" && target == "/reset") {
        stats_.reset();
        return {.status = 200, .body = stats_.json()};
    }
    if (method == "POST" && (target == "/faults" || (api_ != nullptr && target == "/ec2-faults"))) {
        auto plan = parse_fault_plan(body);
        if (!plan) {
            return wrong(400, plan.error());
        }
        (target == "/faults" ? faults_ : api_->ec2_faults()).replace(*std::move(plan));
        return {.status = 200, .body = stats_.json()};
    }
    if (method == "POST" && target == "/keys") {
        auto keys = parse_keys(body);
        if (!keys) {
            return wrong(400, keys.error());
        }
        keys_.add(*std::move(keys));
        return {.status = 200, .body = fmt::format(R"({{"keys":{}}})", keys_.size())};
    }
    if (method == "POST" && target == "/resources" && api_ != nullptr) {
        auto resources = parse_resources(body);
        if (!resources) {
            return wrong(400, resources.error());
        }
        api_->add(*std::move(resources));
        return {.status = 200, .body = stats_.json()};
    }
    return wrong(404, "GET /stats, GET /wait?counter=…&at_least=…, POST /reset, POST /faults or POST /keys");
}

asio::awaitable<void> ControlServer::accept() {
    for (;;) {
        auto [failure, socket] = co_await acceptor_.async_accept(tuple_awaitable);
        if (failure == asio::error::operation_aborted) {
            co_return;
        }
        if (!failure) {
            asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
        }
    }
}

asio::awaitable<ControlAnswer> ControlServer::wait_for(Wait wait) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait.timeout_ms);
    asio::steady_timer timer(context_);
    while (stats_.value(wait.counter) < wait.at_least) {
        if (std::chrono::steady_clock::now() >= end) {
            co_return wrong(408, "the counter did not come that far in time");
        }
        timer.expires_after(wait_poll);
        co_await timer.async_wait(tuple_awaitable);
    }
    ControlAnswer answer;
    answer.body = stats_.json();
    co_return answer;
}

asio::awaitable<void> ControlServer::serve(tcp::socket socket) {
    beast::flat_buffer buffer;
    bool keep = true;
    while (keep) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(max_body_bytes);
        auto [read_failure, read] = co_await http::async_read(socket, buffer, parser, tuple_awaitable);
        static_cast<void>(read);
        if (read_failure) {
            co_return;
        }
        const auto& request = parser.get();
        const std::string target(request.target());
        const std::string method(request.method_string());
        ControlAnswer answer;
        const auto wait = parse_wait(target);
        if (method == "GET" && wait) {
            answer = co_await wait_for(*wait);
        } else {
            answer = handle(method, target, request.body());
        }
        http::response<http::string_body> response;
        response.version(request.version());
        response.result(static_cast<unsigned>(answer.status));
        response.set(http::field::content_type, "application/json");
        response.body() = std::move(answer.body);
        response.keep_alive(request.keep_alive());
        response.prepare_payload();
        auto [write_failure, written] = co_await http::async_write(socket, response, tuple_awaitable);
        static_cast<void>(written);
        keep = !write_failure && response.keep_alive();
    }
}

}  // namespace arngate::fake_sts
