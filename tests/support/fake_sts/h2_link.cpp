#include "tests/support/fake_sts/h2_link.hpp"

#include "core/h2/session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>

#include <fmt/format.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::fake_sts {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t max_streams = 250;
constexpr std::size_t read_bytes = 16UL * 1024;
/// What is gathered before it is written; the rest follows.
constexpr std::size_t write_bytes = 64UL * 1024;

/// A request, and the answer that it gets.
struct Exchange {
    std::int32_t id = 0;
    std::string method;
    std::string path;
    std::string authority;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::size_t header_bytes = 0;
    Answer answer;
    std::size_t sent = 0;       ///< of the answer's body
    std::size_t available = 0;  ///< so much of it may be sent now
};

/// As it would have come over HTTP/1.1: `:authority` is the Host header.
Request view_of(const Exchange& exchange) {
    Request request;
    request.method = exchange.method;
    request.target = exchange.path;
    if (!exchange.authority.empty()) {
        request.headers.emplace_back("host", exchange.authority);
    }
    for (const auto& [name, value] : exchange.headers) {
        if (name != "host" || value != exchange.authority) {
            request.headers.emplace_back(name, value);
        }
    }
    request.body = exchange.body;
    return request;
}

/// nghttp2's callbacks only record; `serve` acts on it afterwards.
class H2Link : public std::enable_shared_from_this<H2Link> {
public:
    H2Link(std::shared_ptr<TlsStream> stream, StsDesk& desk, AnswerDelay& delay);
    H2Link(const H2Link&) = delete;
    H2Link& operator=(const H2Link&) = delete;

    static asio::awaitable<void> run(std::shared_ptr<H2Link> self);

private:
    enum class End : std::uint8_t { none, close, reset };

    static asio::awaitable<void> answer_later(
        std::shared_ptr<H2Link> self,
        std::int32_t id,
        Answer given,
        std::shared_ptr<const FaultPlan> plan,
        FaultSwitch* faults
    );
    static asio::awaitable<void> drip(std::shared_ptr<H2Link> self, std::int32_t id, std::chrono::milliseconds pause);

    [[nodiscard]] static const h2::CallbackTable<H2Link>& callbacks();
    void begin_headers(const nghttp2_frame& frame);
    int take_header(const nghttp2_frame& frame, std::string_view name, std::string_view value);
    int take_data(std::int32_t id, std::string_view bytes);
    void take_frame(const nghttp2_frame& frame);
    void close_stream(std::int32_t id, std::uint32_t error);
    ssize_t read_answer(Exchange& exchange, std::uint8_t* buffer, std::size_t most, std::uint32_t& flags);

    [[nodiscard]] Exchange* find(std::int32_t id);
    void serve();
    void answer(Exchange& exchange, Answer given);
    void submit(Exchange& exchange);
    void check(int result) noexcept { broken_ = broken_ || result != 0; }
    void flush();
    void end(End how);

    std::shared_ptr<TlsStream> stream_;
    StsDesk& desk_;
    AnswerDelay& delay_;
    h2::Session session_;
    std::map<std::int32_t, std::unique_ptr<Exchange>> exchanges_;
    std::vector<std::int32_t> ready_;
    std::string out_;
    End end_after_write_ = End::none;
    bool writing_ = false;
    bool broken_ = false;  ///< nghttp2 cannot go on
    bool ended_ = false;
};

// --- what nghttp2 tells, and asks for

const h2::CallbackTable<H2Link>& H2Link::callbacks() {
    static const h2::CallbackTable<H2Link> made = [] {
        h2::CallbackTable<H2Link> table;
        table.on_begin_headers<&H2Link::begin_headers>()
            .on_header<&H2Link::take_header>()
            .on_data<&H2Link::take_data>()
            .on_frame<&H2Link::take_frame>()
            .on_stream_close<&H2Link::close_stream>();
        return table;
    }();
    return made;
}

void H2Link::begin_headers(const nghttp2_frame& frame) {
    if (frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
        auto exchange = std::make_unique<Exchange>();
        exchange->id = frame.hd.stream_id;
        exchanges_[frame.hd.stream_id] = std::move(exchange);
    }
}

int H2Link::take_header(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
    Exchange* exchange = find(frame.hd.stream_id);
    if (exchange == nullptr || frame.headers.cat != NGHTTP2_HCAT_REQUEST) {
        return 0;
    }
    exchange->header_bytes += name.size() + value.size();
    if (exchange->header_bytes > max_head_bytes) {
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    if (name == ":method") {
        exchange->method = value;
    } else if (name == ":path") {
        exchange->path = value;
    } else if (name == ":authority") {
        exchange->authority = value;
    } else if (!name.starts_with(':')) {
        exchange->headers.emplace_back(name, value);
    }
    return 0;
}

int H2Link::take_data(std::int32_t id, std::string_view bytes) {
    Exchange* exchange = find(id);
    if (exchange == nullptr) {
        return 0;
    }
    if (exchange->body.size() + bytes.size() > max_body_bytes) {
        return nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    }
    exchange->body += bytes;
    return 0;
}

void H2Link::take_frame(const nghttp2_frame& frame) {
    const bool ends = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (ends && (frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA)) {
        ready_.push_back(frame.hd.stream_id);
    }
}

void H2Link::close_stream(std::int32_t id, std::uint32_t /*error*/) {
    exchanges_.erase(id);
}

ssize_t H2Link::read_answer(Exchange& exchange, std::uint8_t* buffer, std::size_t most, std::uint32_t& flags) {
    const std::string& body = exchange.answer.body;
    const std::size_t count = std::min(most, exchange.available - exchange.sent);
    std::copy_n(body.data() + exchange.sent, count, buffer);
    exchange.sent += count;
    const Delivery delivery = exchange.answer.delivery;
    if (exchange.sent == body.size()) {
        flags |= NGHTTP2_DATA_FLAG_EOF;
    } else if (exchange.sent == exchange.available && delivery == Delivery::half_then_close) {
        end_after_write_ = End::close;
    } else if (exchange.sent == exchange.available && delivery == Delivery::half_then_reset) {
        end_after_write_ = End::reset;
    }
    return count == 0 && (flags & NGHTTP2_DATA_FLAG_EOF) == 0 ? ssize_t{NGHTTP2_ERR_DEFERRED}
                                                              : static_cast<ssize_t>(count);
}

// --- the connection

H2Link::H2Link(std::shared_ptr<TlsStream> stream, StsDesk& desk, AnswerDelay& delay)
    : stream_(std::move(stream)), desk_(desk), delay_(delay), session_(h2::make_server(callbacks(), *this)) {
    const nghttp2_settings_entry settings{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, max_streams};
    check(nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, &settings, 1));
}

asio::awaitable<void> H2Link::run(std::shared_ptr<H2Link> self) {
    std::array<char, read_bytes> space;  // written before it is read
    self->flush();
    while (!self->ended_) {
        const auto buffer = asio::buffer(space);
        auto [failure, size] = co_await self->stream_->async_read_some(buffer, tuple_awaitable);
        if (failure) {
            break;
        }
        self->broken_ = self->broken_ || !h2::receive(*self->session_, std::string_view(space.data(), size));
        self->serve();
        self->flush();
    }
    self->end(End::close);
}

Exchange* H2Link::find(std::int32_t id) {
    const auto found = exchanges_.find(id);
    return found == exchanges_.end() ? nullptr : found->second.get();
}

void H2Link::serve() {
    for (const std::int32_t id : std::exchange(ready_, {})) {
        Exchange* exchange = find(id);
        if (exchange == nullptr || ended_) {
            continue;
        }
        StsDesk::Verdict verdict = desk_.judge(view_of(*exchange));
        if (!AnswerDelay::is_needed(*verdict.plan)) {
            answer(*exchange, std::move(verdict.answer));
            continue;
        }
        auto later =
            answer_later(shared_from_this(), id, std::move(verdict.answer), std::move(verdict.plan), verdict.faults);
        asio::co_spawn(stream_->get_executor(), std::move(later), asio::detached);
    }
}

asio::awaitable<void> H2Link::answer_later(
    std::shared_ptr<H2Link> self,
    std::int32_t id,
    Answer given,
    std::shared_ptr<const FaultPlan> plan,
    FaultSwitch* faults
) {
    co_await self->delay_.wait(std::move(plan), faults);
    Exchange* exchange = self->ended_ ? nullptr : self->find(id);
    if (exchange == nullptr) {
        self->desk_.stats().count_outcome(given.outcome);  // nobody waits for it any more
        co_return;
    }
    self->answer(*exchange, std::move(given));
    self->flush();
}

void H2Link::answer(Exchange& exchange, Answer given) {
    desk_.stats().count_outcome(given.outcome);
    exchange.answer = std::move(given);
    switch (exchange.answer.delivery) {
        case Delivery::reset:
            return end(End::reset);
        case Delivery::reset_stream:
            return check(
                nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, exchange.id, NGHTTP2_INTERNAL_ERROR)
            );
        case Delivery::goaway:
            // A client's streams have odd numbers: the last one that counts is the one before.
            return check(nghttp2_submit_goaway(
                session_.get(), NGHTTP2_FLAG_NONE, std::max(0, exchange.id - 2), NGHTTP2_NO_ERROR, nullptr, 0
            ));
        case Delivery::whole:
            exchange.available = exchange.answer.body.size();
            break;
        case Delivery::half_then_close:
        case Delivery::half_then_reset:
            exchange.available = exchange.answer.body.size() - exchange.answer.body.size() / 2;
            break;
        case Delivery::byte_by_byte:
            asio::co_spawn(
                stream_->get_executor(),
                drip(shared_from_this(), exchange.id, exchange.answer.byte_delay),
                asio::detached
            );
            break;
    }
    submit(exchange);
}

void H2Link::submit(Exchange& exchange) {
    const Answer& answer = exchange.answer;
    const std::string status = fmt::format("{}", answer.status);
    const std::string length = fmt::format("{}", answer.body.size());
    const std::string_view date = http_date();
    std::vector<nghttp2_nv> fields{
        h2::field(":status", status),
        h2::field("x-amzn-requestid", answer.request_id, NGHTTP2_NV_FLAG_NO_INDEX),
        h2::field("content-type", answer.content_type),
        h2::field("date", date)
    };
    // An answer without content has no length either, RFC 9110, section 8.6.
    const bool has_content = answer.status != 204;
    if (has_content) {
        fields.push_back(h2::field("content-length", length));
    }
    if (!answer.location.empty()) {
        fields.push_back(h2::field("location", answer.location));
    }
    const auto read = [](nghttp2_session* /*session*/,
                         std::int32_t /*id*/,
                         std::uint8_t* buffer,
                         std::size_t most,
                         std::uint32_t* flags,
                         nghttp2_data_source* source,
                         void* user) {
        return static_cast<H2Link*>(user)->read_answer(*static_cast<Exchange*>(source->ptr), buffer, most, *flags);
    };
    const nghttp2_data_provider body{.source = {.ptr = &exchange}, .read_callback = read};
    check(nghttp2_submit_response(
        session_.get(), exchange.id, fields.data(), fields.size(), answer.body.empty() || !has_content ? nullptr : &body
    ));
}

asio::awaitable<void> H2Link::drip(std::shared_ptr<H2Link> self, std::int32_t id, std::chrono::milliseconds pause) {
    asio::steady_timer timer(self->stream_->get_executor());
    for (;;) {
        timer.expires_after(pause);
        co_await timer.async_wait(tuple_awaitable);
        Exchange* exchange = self->ended_ ? nullptr : self->find(id);
        if (exchange == nullptr || exchange->available == exchange->answer.body.size()) {
            co_return;
        }
        ++exchange->available;
        // Not deferred, when the windows are what it waits for.
        static_cast<void>(nghttp2_session_resume_data(self->session_.get(), id));
        self->flush();
    }
}

void H2Link::flush() {
    if (writing_ || ended_) {
        return;
    }
    out_.clear();
    while (!broken_ && out_.size() < write_bytes) {
        const auto bytes = h2::next_output(*session_.get());
        if (!bytes || bytes->empty()) {
            broken_ = !bytes;
            break;
        }
        out_ += *bytes;
    }
    if (out_.empty()) {
        const bool over =
            nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
        if (end_after_write_ != End::none || broken_ || over) {
            end(end_after_write_ == End::none ? End::close : end_after_write_);
        }
        return;
    }
    writing_ = true;
    asio::async_write(
        *stream_,
        asio::buffer(out_),
        [self = shared_from_this()](const boost::system::error_code& failure, std::size_t /*size*/) {
            self->writing_ = false;
            if (failure) {
                return self->end(End::close);
            }
            self->flush();
        }
    );
}

void H2Link::end(End how) {
    if (std::exchange(ended_, true)) {
        return;
    }
    if (how == End::reset) {
        return reset(*stream_);
    }
    boost::system::error_code ignored;
    stream_->next_layer().shutdown(tcp::socket::shutdown_both, ignored);
}

}  // namespace

asio::awaitable<void> serve_http2(std::shared_ptr<TlsStream> stream, StsDesk* desk, AnswerDelay* delay) {
    auto link = std::make_shared<H2Link>(std::move(stream), *desk, *delay);
    co_await H2Link::run(std::move(link));
}

}  // namespace arngate::fake_sts
