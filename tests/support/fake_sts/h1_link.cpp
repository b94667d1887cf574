#include "tests/support/fake_sts/h1_link.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string>
#include <string_view>

namespace arngate::fake_sts {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable);
using Parser = http::request_parser<http::string_body>;

Request view_of(const Parser::value_type& message) {
    Request request;
    request.method = std::string_view(message.method_string().data(), message.method_string().size());
    request.target = std::string_view(message.target().data(), message.target().size());
    for (const auto& field : message) {
        request.headers.emplace_back(
            std::string_view(field.name_string().data(), field.name_string().size()),
            std::string_view(field.value().data(), field.value().size())
        );
    }
    request.body = message.body();
    return request;
}

std::string bytes_of(const Answer& answer) {
    std::string extra = answer.location.empty() ? std::string() : "Location: " + answer.location + "\r\n";
    if (answer.delivery == Delivery::goaway) {
        extra += "Connection: close\r\n";
    }
    std::string bytes = http_answer(answer.status, answer.content_type, answer.body, answer.request_id, extra);
    if (answer.delivery == Delivery::half_then_close || answer.delivery == Delivery::half_then_reset) {
        bytes.resize(bytes.size() - answer.body.size() / 2);
    }
    return bytes;
}

// Whether the connection may go on.
asio::awaitable<bool> deliver(TlsStream* stream, const Answer* answer) {
    if (answer->delivery == Delivery::reset || answer->delivery == Delivery::reset_stream) {
        reset(*stream);
        co_return false;
    }
    const std::string bytes = bytes_of(*answer);
    if (answer->delivery == Delivery::byte_by_byte) {
        asio::steady_timer timer(stream->get_executor());
        for (const char& byte : bytes) {
            const asio::const_buffer one(&byte, 1);
            auto [failure, size] = co_await asio::async_write(*stream, one, tuple_awaitable);
            if (failure || size != 1) {
                co_return false;
            }
            timer.expires_after(answer->byte_delay);
            co_await timer.async_wait(tuple_awaitable);
        }
        co_return true;
    }
    const asio::const_buffer all(bytes.data(), bytes.size());
    auto [failure, size] = co_await asio::async_write(*stream, all, tuple_awaitable);
    static_cast<void>(size);
    if (answer->delivery == Delivery::half_then_reset) {
        reset(*stream);
    }
    co_return !failure && answer->delivery == Delivery::whole;
}

}  // namespace

void reset(TlsStream& stream) {
    boost::system::error_code ignored;
    stream.next_layer().set_option(asio::socket_base::linger(true, 0), ignored);
    stream.next_layer().close(ignored);
}

asio::awaitable<void> serve_http1(TlsStream* stream, StsDesk* desk, AnswerDelay* delay) {
    beast::flat_buffer buffer;
    bool keep = true;
    while (keep) {
        Parser parser;
        parser.header_limit(max_head_bytes);
        parser.body_limit(max_body_bytes);
        auto [failure, size] = co_await http::async_read(*stream, buffer, parser, tuple_awaitable);
        static_cast<void>(size);
        if (failure) {
            co_return;
        }
        const Request request = view_of(parser.get());
        const StsDesk::Verdict verdict = desk->judge(request);
        if (AnswerDelay::is_needed(*verdict.plan)) {
            co_await delay->wait(verdict.plan, verdict.faults);
        }
        desk->stats().count_outcome(verdict.answer.outcome);
        const bool delivered = co_await deliver(stream, &verdict.answer);
        keep = delivered && parser.get().keep_alive();
    }
    // No waiting for the peer's close_notify: the answer is complete by its Content-Length.
    boost::system::error_code ignored;
    stream->next_layer().shutdown(tcp::socket::shutdown_both, ignored);
}

}  // namespace arngate::fake_sts
