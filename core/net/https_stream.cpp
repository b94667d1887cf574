#include "core/net/https_stream.hpp"

#include "core/net/endpoint.hpp"
#include "core/net/request_head.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace arngate::net {

namespace asio = boost::asio;

HttpsStream::HttpsStream(asio::any_io_executor executor, std::shared_ptr<TlsClient> tls, HttpsPoolOptions options)
    : executor_(std::move(executor)),
      tls_(std::move(tls)),
      options_(std::move(options)),
      reader_(options_.max_header_bytes) {
    if (!options_.proxy.https_proxy.empty()) {
        auto parsed = Proxy::parse(options_.proxy.https_proxy);
        if (!parsed) {
            throw std::runtime_error(parsed.error());
        }
        proxy_ = std::move(*parsed);
    }
}

asio::awaitable<Result<void>> HttpsStream::run(
    Endpoint endpoint, HttpRequest request, Deadline opening, std::chrono::milliseconds silence, Sink sink
) {
    const auto head = request_head(endpoint, request);
    if (!head) {
        co_return std::unexpected(head.error());
    }
    if (closed_) {
        co_return fail(Reason::sts_unreachable, "the stream is closed");
    }
    Endpoint dial = redirected(endpoint, options_.connect_to);
    const bool through_proxy = proxy_ && options_.proxy.applies_to(dial.host, dial.port);
    const Proxy* const use_proxy = through_proxy ? &*proxy_ : nullptr;
    connection_ = std::make_shared<HttpsConnection>(executor_, tls_, endpoint, options_);
    auto opened =
        co_await connection_->open(std::move(dial), use_proxy, opening.no_later_than(options_.connect_timeout));
    if (!opened) {
        co_return opened;
    }
    connection_->probe_silent_peer();
    auto sent = co_await connection_->send(head->expose(), opening);
    if (!sent) {
        co_return sent;
    }
    auto outcome = co_await read(opening, silence, &sink);
    connection_->close();
    co_return outcome;
}

asio::awaitable<Result<void>> HttpsStream::read(Deadline opening, std::chrono::milliseconds silence, const Sink* sink) {
    const std::string from = "answer of " + connection_->label();
    bool has_head = false;
    auto progress = ReadProgress::need_more;
    while (progress == ReadProgress::need_more) {
        const Deadline deadline = has_head ? Deadline::after(silence) : opening;
        const auto space = reader_.space();
        auto count = co_await connection_->receive(space, deadline);
        if (!count) {
            if (has_head) {
                count.error().reason = Reason::sts_unavailable;
            }
            co_return std::unexpected(std::move(count.error()));
        }
        std::string piece;
        progress = *count == 0 ? reader_.ended() : reader_.received(*count, piece);
        if (closed_) {
            co_return fail(Reason::sts_unreachable, from + ": the stream was closed");
        }
        if (!has_head && reader_.head()) {
            has_head = true;
            const bool goes_on = (*sink)(*reader_.head(), std::string_view());
            if (!goes_on) {
                co_return Result<void>();
            }
        }
        if (!piece.empty()) {
            const bool goes_on = (*sink)(*reader_.head(), piece);
            if (!goes_on) {
                co_return Result<void>();
            }
        }
    }
    switch (progress) {
        case ReadProgress::complete:
            co_return Result<void>();
        case ReadProgress::cut_short:
            co_return fail(has_head ? Reason::sts_unavailable : Reason::sts_unreachable, from + ": connection closed");
        case ReadProgress::too_large:
            co_return fail(Reason::sts_bad_answer, from + ": too large");
        case ReadProgress::need_more:
        case ReadProgress::malformed:
            break;
    }
    co_return fail(Reason::sts_bad_answer, from + ": not HTTP");
}

void HttpsStream::close() noexcept {
    closed_ = true;
    if (connection_ != nullptr) {
        connection_->close();
    }
}

}  // namespace arngate::net
