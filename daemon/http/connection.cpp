#include "daemon/http/connection.hpp"

#include "core/base/log.hpp"
#include "daemon/http/h1_session.hpp"
#include "daemon/http/h2_session.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>

#include <exception>
#include <span>
#include <string_view>
#include <utility>

namespace arngate::http {

namespace asio = boost::asio;
using boost::asio::ip::tcp;

namespace {

/// What the Go server answers on a TLS port, byte for byte.
constexpr std::string_view no_tls_answer =
    "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
/// How much one client may send before others have their turn.
constexpr std::size_t bytes_per_turn = 64 * 1024;
/// How much of what a client sends after its last answer is taken and thrown away.
constexpr std::size_t linger_bytes = 1024 * 1024;

Wait wait_of(Phase phase) noexcept {
    switch (phase) {
        case Phase::idle:
            return Wait::idle;
        case Phase::head:
            return Wait::head;
        case Phase::body:
            return Wait::body;
        case Phase::busy:
            break;
    }
    return Wait::busy;
}

}  // namespace

void Connection::start(std::shared_ptr<ConnectionSet> set, tcp::socket socket, std::string peer) {
    const auto connection = std::make_shared<Connection>(std::move(set), std::move(socket), std::move(peer));
    connection->self_ = connection;
    connection->set_->add(*connection);
    connection->guarded([&] {
        if (connection->stream_.is_tls()) {
            connection->clock_.wait_for(Wait::handshake, 0);
            connection->arm_read();
        } else {
            connection->open_session();
        }
    });
}

Connection::Connection(std::shared_ptr<ConnectionSet> set, tcp::socket socket, std::string peer)
    : set_(std::move(set)),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      stream_(socket_.native_handle(), set_->tls()),
      clock_(set_->context()->limits, set_->context()->clock) {}

// --- events

template <class Action>
void Connection::guarded(Action action) noexcept {
    const auto keep = shared_from_this();
    try {
        action();
    } catch (const std::exception&) {
        log::error("http: connection closed after an internal error", {{"client", peer_}});
        close();
    }
}

void Connection::arm_read() {
    if (std::exchange(read_armed_, true)) {
        return;
    }
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](boost::system::error_code ec) {
        self->read_armed_ = false;
        self->on_event(ec);
    });
}

void Connection::arm_write() {
    if (std::exchange(write_armed_, true)) {
        return;
    }
    socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](boost::system::error_code ec) {
        self->write_armed_ = false;
        self->on_event(ec);
    });
}

void Connection::on_event(boost::system::error_code ec) {
    if (ec) {
        return close();  // the loop ends, or the socket is closed already
    }
    guarded([this] {
        switch (state_) {
            case State::handshake:
                return shake_hands();
            case State::open:
                return run(!read_armed_ || std::exchange(read_wants_write_, false));
            case State::lingering:
                return discard();
            case State::closed:
                return;
        }
    });
}

void Connection::resume() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        self->guarded([&] {
            if (self->state_ == State::open) {
                self->session_->resumed();
                self->run(false);
            }
        });
    });
}

// --- the beginning

void Connection::shake_hands() {
    switch (stream_.handshake()) {
        case IoStatus::done:
            set_->context()->metrics->handshakes.with({"ok", stream_.tls_version()}).add();
            return open_session();
        case IoStatus::want_read:
            return arm_read();
        case IoStatus::want_write:
            return arm_write();
        case IoStatus::closed:
        case IoStatus::failed:
            return fail_handshake();
    }
}

void Connection::fail_handshake() {
    const auto& context = *set_->context();
    const bool clear_text = stream_.spoke_clear_text();
    context.metrics->handshakes.with({clear_text ? "clear_text" : "error", "none"}).add();
    if (const auto held_back = set_->handshake_log().pass(context.clock.steady())) {
        log::info(
            "http: TLS handshake error", {{"client", peer_}, {"error", stream_.failure()}, {"suppressed", *held_back}}
        );
    }
    if (clear_text) {
        stream_.send_clear_text(no_tls_answer);
    }
    linger();
}

void Connection::open_session() {
    state_ = State::open;
    const bool is_h2 = stream_.protocol() == "h2";
    set_->context()->metrics->accepted.with({is_h2 ? "h2" : stream_.is_tls() ? "h1" : "cleartext"}).add();
    if (is_h2) {
        session_ = std::make_shared<H2Session>(set_->context(), *this, peer_);
        // The server speaks first too: its settings go out before the client's are awaited.
        return run(stream_.has_pending());
    }
    session_ = std::make_shared<H1Session>(set_->context(), *this, peer_);
    if (stream_.has_pending()) {
        run(true);  // the first request came in the same segment as the end of the handshake
    } else {
        arm_read();
        wait_for_client();
    }
}

// --- requests and answers

void Connection::run(bool readable) {
    std::size_t taken = 0;
    for (;;) {
        if (readable && read_all(taken) == Alive::no) {
            return;
        }
        if (flush() == Alive::no) {
            return;
        }
        if (session_->finished() && session_->output().empty()) {
            return linger();
        }
        if (!session_->wants_read() || !stream_.has_pending()) {
            break;
        }
        if (taken >= bytes_per_turn) {
            wait_for_client();
            return run_later();
        }
        readable = true;
    }
    if (session_->wants_read()) {
        arm_read();
    }
    wait_for_client();
}

void Connection::run_later() {
    if (std::exchange(run_posted_, true)) {
        return;
    }
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        self->run_posted_ = false;
        self->guarded([&] {
            if (self->state_ == State::open) {
                self->run(true);
            }
        });
    });
}

Connection::Alive Connection::read_all(std::size_t& taken) {
    bool more = true;
    while (more && session_->wants_read()) {
        const std::span<char> into = session_->prepare();
        const IoResult result = stream_.read_some(into);
        switch (result.status) {
            case IoStatus::done:
                taken += result.bytes;
                session_->received(result.bytes);
                // A read that did not fill the buffer emptied the socket; asking once more would cost a system call.
                more = (stream_.has_pending() || result.bytes == into.size()) && taken < bytes_per_turn;
                break;
            case IoStatus::want_read:
                more = false;
                break;
            case IoStatus::want_write:
                read_wants_write_ = true;
                arm_write();
                more = false;
                break;
            case IoStatus::closed:
                session_->received_end();
                break;
            case IoStatus::failed:
                close();
                return Alive::no;
        }
        if (state_ == State::closed) {
            return Alive::no;
        }
    }
    session_->park();
    return Alive::yes;
}

Connection::Alive Connection::flush() {
    while (!session_->output().empty()) {
        const std::string_view rest = std::string_view(session_->output()).substr(written_);
        if (rest.empty()) {
            written_ = 0;
            session_->wrote();
            if (state_ == State::closed) {
                return Alive::no;
            }
            continue;
        }
        const IoResult result = stream_.write_some(rest);
        switch (result.status) {
            case IoStatus::done:
                written_ += result.bytes;
                clock_.progressed();
                break;
            case IoStatus::want_read:
                arm_read();
                return Alive::yes;
            case IoStatus::want_write:
                arm_write();
                return Alive::yes;
            case IoStatus::closed:
            case IoStatus::failed:
                close();
                return Alive::no;
        }
    }
    return Alive::yes;
}

// --- the end

void Connection::linger() {
    state_ = State::lingering;
    stream_.shut_down();
    clock_.wait_for(Wait::linger, 0);
    discard();
}

void Connection::discard() {
    while (discarded_ < linger_bytes) {
        const IoResult result = stream_.discard_some();
        if (result.status == IoStatus::want_read) {
            return arm_read();
        }
        if (result.status != IoStatus::done) {
            break;
        }
        discarded_ += result.bytes;
    }
    close();
}

void Connection::close() noexcept {
    if (state_ == State::closed) {
        return;
    }
    const auto keep = std::exchange(self_, {});
    state_ = State::closed;
    if (session_ != nullptr) {
        session_->abandon();
    }
    boost::system::error_code ignored;
    socket_.close(ignored);
    set_->remove(*this);
}

void Connection::drain() {
    guarded([this] {
        if (state_ != State::open) {
            return;
        }
        if (session_->phase() == Phase::idle && session_->output().empty()) {
            run(true);
        }
        say_goodbye();
    });
}

void Connection::say_goodbye() {
    if (state_ != State::open) {
        return;
    }
    if (!session_->drain()) {
        return run(false);
    }
    stream_.shut_down();
    close();
}

// --- time

void Connection::wait_for_client() {
    if (!session_->output().empty()) {
        return clock_.wait_for(Wait::write, 0);
    }
    clock_.wait_for(wait_of(session_->phase()), session_->serial());
}

void Connection::time_out() {
    guarded([this] {
        auto& context = *set_->context();
        if (!is_over_time(context.clock.steady())) {
            return;  // what came before in the same sweep has changed it
        }
        if (!clock_.is_over(context.clock.steady())) {
            session_->expire();
            return run(false);
        }
        switch (state_ == State::closed ? Wait::busy : clock_.waits_for()) {
            case Wait::handshake:
                context.metrics->limit(Limit::handshake_timeout).add();
                context.metrics->handshakes.with({"timeout", "none"}).add();
                return close();
            case Wait::idle:
                context.metrics->limit(Limit::idle_timeout).add();
                return say_goodbye();
            case Wait::head:
            case Wait::body:
                context.metrics->limit(clock_.waits_for() == Wait::head ? Limit::header_timeout : Limit::body_timeout)
                    .add();
                session_->timed_out();
                return run(false);
            case Wait::write:
                context.metrics->limit(Limit::write_timeout).add();
                return close();
            case Wait::linger:
                return close();
            case Wait::busy:
                return;
        }
    });
}

}  // namespace arngate::http
