#include "core/net/plain_http.hpp"

#include "core/net/request_head.hpp"
#include "core/net/resolve.hpp"
#include "core/net/response_reader.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <memory>
#include <utility>

namespace arngate::net {

namespace asio = boost::asio;

namespace {

using asio::ip::tcp;
using Kind = PlainFailure::Kind;

constexpr auto awaited = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t max_header_bytes = std::size_t{16} * 1024;

std::unexpected<PlainFailure> failure(Kind kind, std::string what) {
    return std::unexpected(PlainFailure{.kind = kind, .what = std::move(what)});
}

/// A socket that closes itself at the deadline, which ends whatever is awaited on it.
class WatchedSocket {
public:
    WatchedSocket(const asio::any_io_executor& executor, Deadline deadline)
        : state_(std::make_shared<State>(executor)) {
        state_->timer.expires_at(deadline.at());
        state_->timer.async_wait([weak = std::weak_ptr(state_)](const boost::system::error_code& error) {
            const auto state = weak.lock();
            if (!error && state != nullptr) {
                state->timed_out = true;
                boost::system::error_code ignored;
                state->socket.close(ignored);
            }
        });
    }
    [[nodiscard]] tcp::socket& socket() noexcept { return state_->socket; }
    [[nodiscard]] bool timed_out() const noexcept { return state_->timed_out; }
    [[nodiscard]] std::string describe(const boost::system::error_code& error) const {
        return timed_out() ? "no answer in time" : error == asio::error::eof ? "connection closed" : error.message();
    }

private:
    struct State {
        explicit State(const asio::any_io_executor& executor) : socket(executor), timer(executor) {}
        tcp::socket socket;
        asio::steady_timer timer;
        bool timed_out = false;
    };
    std::shared_ptr<State> state_;
};

}  // namespace

asio::awaitable<std::expected<HttpResponse, PlainFailure>> plain_exchange(
    asio::any_io_executor executor,
    Endpoint endpoint,
    HttpRequest request,
    std::size_t max_body_bytes,
    Deadline deadline
) {
    const auto head = request_head(endpoint, request);
    if (!head) {
        co_return failure(Kind::bad_request, head.error().detail);
    }
    Endpoint dial = endpoint;
    if (dial.host == "localhost") {
        dial.host = "127.0.0.1";
    }
    const auto addresses = co_await resolve(executor, std::move(dial), deadline);
    if (!addresses) {
        co_return failure(Kind::not_reached, addresses.error().detail);
    }

    WatchedSocket watched(executor, deadline);
    boost::system::error_code connect_error = asio::error::host_not_found;
    for (const tcp::endpoint& address : *addresses) {
        boost::system::error_code ignored;
        watched.socket().close(ignored);
        auto [error] = co_await watched.socket().async_connect(address, awaited);
        connect_error = error;
        if (!error || watched.timed_out()) {
            break;
        }
    }
    if (connect_error || watched.timed_out()) {
        co_return failure(Kind::not_reached, watched.describe(connect_error));
    }
    auto [write_error, written] =
        co_await asio::async_write(watched.socket(), asio::buffer(head->expose().data(), head->size()), awaited);
    static_cast<void>(written);
    if (write_error) {
        co_return failure(Kind::no_answer, watched.describe(write_error));
    }

    ResponseReader reader(max_header_bytes, max_body_bytes);
    reader.start(BodyRule::as_framed);
    for (;;) {
        const auto space = reader.space();
        auto [error, count] =
            co_await watched.socket().async_read_some(asio::buffer(space.data(), space.size()), awaited);
        if (error && (error != asio::error::eof || watched.timed_out())) {
            co_return failure(Kind::no_answer, watched.describe(error));
        }
        if (error && !reader.has_begun()) {
            co_return failure(Kind::no_answer, watched.describe(error));
        }
        const ReadProgress progress = error ? reader.ended() : reader.received(count);
        if (progress == ReadProgress::complete) {
            co_return reader.take();
        }
        if (progress != ReadProgress::need_more) {
            co_return failure(Kind::bad_answer, "an answer that is not HTTP, too long or cut short");
        }
    }
}

}  // namespace arngate::net
