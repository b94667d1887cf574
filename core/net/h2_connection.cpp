#include "core/net/h2_connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace arngate::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto awaited = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_bytes = 16UL * 1024;  // a TLS record's worth
/// Reads before others on the loop have their turn.
constexpr int reads_a_turn = 16;

}  // namespace

/// An exchange in its coroutine's frame.
struct H2Connection::Waiting : H2Exchange {
    explicit Waiting(const asio::any_io_executor& executor) : wake(executor) {}
    asio::steady_timer wake;  // expires at the deadline, cancelled when the exchange ends
};

H2Connection::Slot::~Slot() {
    if (connection_ != nullptr) {
        connection_->release();
    }
}

H2Connection::H2Connection(
    std::shared_ptr<HttpsConnection> wire,
    const HttpsPoolOptions& limits,
    std::shared_ptr<HttpsPoolMetrics> metrics,
    std::function<void()> changed
)
    : wire_(std::move(wire)),
      metrics_(std::move(metrics)),
      changed_(std::move(changed)),
      executor_(wire_->stream().socket().get_executor()),
      idle_timeout_(limits.idle_timeout),
      connect_timeout_(limits.connect_timeout),
      ping_after_(limits.ping_after),
      ping_timeout_(limits.ping_timeout),
      begun_(std::chrono::steady_clock::now()),
      heard_(begun_),
      idle_since_(begun_),
      codec_(limits, begun_),
      ticker_(executor_) {
    metrics_->open.add(1);
    metrics_->idle.add(1);
}

H2Connection::~H2Connection() {
    changed_ = nullptr;
    lose("connection closed");
}

void H2Connection::start() {
    start_tick(begun_ + std::min(ping_after_, connect_timeout_));
    flush();
    if (!closed_) {
        read();
    }
}

std::optional<H2Connection::Slot> H2Connection::take_slot() {
    if (closing_ || slots_ >= capacity()) {
        return std::nullopt;
    }
    if (slots_++ == 0) {
        metrics_->idle.add(-1);
    }
    if (std::exchange(used_, true)) {
        metrics_->reused.add();
    }
    return Slot(shared_from_this());
}

void H2Connection::release() {
    if (--slots_ == 0) {
        idle_since_ = std::chrono::steady_clock::now();
        if (!closed_) {
            metrics_->idle.add(1);
        }
        if (closing_) {
            lose("connection closed");
        }
    }
    if (changed_) {
        changed_();
    }
}

bool H2Connection::takes_nothing() const noexcept {
    return !closed_ && !suspect_ && codec_.has_settings() && !codec_.is_over() && slots_ == 0 && codec_.capacity() == 0;
}

void H2Connection::close_when_idle() {
    closing_ = true;
    changed_ = nullptr;
    if (slots_ == 0) {
        lose("connection closed");
    }
}

// --- one exchange

asio::awaitable<H2Connection::Answer> H2Connection::exchange(
    Slot slot, const Endpoint* endpoint, const HttpRequest* request, Deadline deadline
) {
    H2Connection& self = slot.connection();
    const SteadyTime begun = std::chrono::steady_clock::now();
    Waiting waiting(self.executor_);
    waiting.wake.expires_at(deadline.at());
    Answer answer;
    auto submitted = self.codec_.submit(waiting, *endpoint, *request);
    if (!submitted) {
        answer.result = std::unexpected(std::move(submitted.error()));
        co_return answer;
    }
    if (waiting.end == H2End::none) {
        self.metrics_->streams.add(1);
        self.kick();
        auto [ended] = co_await waiting.wake.async_wait(awaited);
        static_cast<void>(ended);
        self.metrics_->streams.add(-1);
    }
    answer.end = waiting.end;
    answer.has_begun = waiting.has_begun;
    if (waiting.end == H2End::complete) {
        answer.result = std::move(waiting.response);
        co_return answer;
    }
    answer.result = std::unexpected(self.failure_of(waiting));
    if (waiting.end == H2End::none) {
        self.codec_.cancel(waiting);
        if (self.heard_ < begun) {
            self.ask_for_life(std::chrono::steady_clock::now());
        }
        self.kick();
    }
    co_return answer;
}

Error H2Connection::failure_of(const H2Exchange& exchange) const {
    const auto broken_off = exchange.has_headers ? Reason::sts_unavailable : Reason::sts_unreachable;
    const auto say = [this](Reason reason, std::string_view what) {
        return Error{.reason = reason, .detail = fmt::format("answer of {}: {}", wire_->label(), what)};
    };
    switch (exchange.end) {
        case H2End::too_large:
            return say(Reason::sts_bad_answer, "too large");
        case H2End::malformed:
            return say(Reason::sts_bad_answer, "not HTTP");
        case H2End::refused:
            return say(Reason::sts_unreachable, "the server takes no more requests on its connection");
        case H2End::wants_http1:
            return say(Reason::sts_unreachable, "the server wants HTTP/1.1");
        case H2End::reset:
            return say(broken_off, fmt::format("the server gave it up ({})", nghttp2_http2_strerror(exchange.error)));
        case H2End::lost:
            return say(broken_off, lost_);
        case H2End::none:
        case H2End::complete:
            break;
    }
    return say(broken_off, "timed out");
}

// --- bytes

void H2Connection::kick() {
    if (flush_posted_ || writing_ || closed_) {
        return;
    }
    // After the others of this turn have had their say.
    flush_posted_ = true;
    asio::post(executor_, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->flush_posted_ = false;
            self->flush();
        }
    });
}

void H2Connection::flush() {
    while (!writing_ && !closed_) {
        codec_.pack();
        if (codec_.output().empty()) {
            break;
        }
        const TlsStep step = wire_->stream().write_some(codec_.output());
        codec_.sent(step.bytes);
        if (step.wait_for) {
            writing_ = true;
            return wait_for(*step.wait_for, &H2Connection::flush);
        }
        if (step.error) {
            return lose(step.error);
        }
    }
    if (!closed_ && codec_.is_over()) {
        lose("connection closed");
    }
}

void H2Connection::wait_for(tcp::socket::wait_type ready_for, void (H2Connection::*then)()) {
    wire_->stream().socket().async_wait(
        ready_for,
        [weak = weak_from_this(), then](const boost::system::error_code& error) {
            const auto self = weak.lock();
            if (self == nullptr || self->closed_) {
                return;
            }
            if (error) {
                return self->lose(error);
            }
            if (then == &H2Connection::flush) {
                self->writing_ = false;
            }
            (self.get()->*then)();
        }
    );
}

void H2Connection::read() {
    std::array<char, read_bytes> space;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
    TlsStep step;
    const std::size_t capacity_before = capacity();
    for (int turn = 0; turn < reads_a_turn && !codec_.is_over(); ++turn) {
        step = wire_->stream().read_some(space);
        if (step.bytes == 0) {
            break;
        }
        heard_ = std::chrono::steady_clock::now();
        pinged_.reset();
        suspect_ = false;
        codec_.receive({space.data(), step.bytes}, heard_);
    }
    deliver();
    if (step.error) {
        return lose(step.error);
    }
    flush();
    if (closed_) {
        return;
    }
    if (capacity() != capacity_before && changed_) {
        changed_();
    }
    if (step.wait_for) {
        return wait_for(*step.wait_for, &H2Connection::read);
    }
    asio::post(executor_, [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self != nullptr && !self->closed_) {
            self->read();
        }
    });
}

void H2Connection::deliver() {
    for (H2Exchange* exchange : codec_.finished()) {
        static_cast<Waiting*>(exchange)->wake.cancel();
    }
    codec_.finished().clear();
}

// --- signs of life

void H2Connection::start_tick(SteadyTime at) {
    ticker_.expires_at(at);
    ticker_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (!error && self != nullptr && !self->closed_) {
            self->tick();
        }
    });
}

void H2Connection::tick() {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (pinged_) {
        if (now - *pinged_ >= ping_timeout_) {
            return lose("no sign of life");
        }
    } else if (!codec_.has_settings() && now - begun_ >= connect_timeout_) {
        return lose("no settings in time");
    } else if (slots_ == 0 && now - idle_since_ >= idle_timeout_) {
        return lose("connection closed");
    } else if (codec_.live() > 0 && now - heard_ >= ping_after_) {
        ask_for_life(now);
        suspect_ = false;
        kick();
    }
    SteadyTime next = now + std::min(ping_after_, ping_timeout_);
    if (!codec_.has_settings()) {
        next = std::min(next, begun_ + connect_timeout_);
    }
    if (slots_ == 0) {
        next = std::min(next, idle_since_ + idle_timeout_);
    }
    start_tick(next);
}

void H2Connection::ask_for_life(SteadyTime now) {
    suspect_ = true;
    if (!pinged_ && !closed_) {
        pinged_ = now;
        codec_.ping();
    }
}

// --- the end

void H2Connection::lose(const boost::system::error_code& error) {
    const bool ended = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
    lose(ended ? "connection closed" : error.message());
}

void H2Connection::lose(std::string why) {
    if (std::exchange(closed_, true)) {
        return;
    }
    lost_ = std::move(why);
    codec_.abandon();
    deliver();
    ticker_.cancel();
    wire_->close();
    metrics_->open.add(-1);
    if (slots_ == 0) {
        metrics_->idle.add(-1);
    }
    if (changed_) {
        changed_();
    }
}

}  // namespace arngate::net
