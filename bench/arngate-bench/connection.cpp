#include "bench/arngate-bench/connection.hpp"

#include <algorithm>
#include <utility>

namespace arngate::bench {
namespace {

constexpr Nanos first_pause = nanos_per_second / 100;
constexpr unsigned most_doublings = 7;  // 1.28 s

}  // namespace

Connection::Connection(const ConnectionPlan& plan) : plan_(plan), flights_(plan.streams) {
    for (std::size_t ticket = plan.streams; ticket > 0; --ticket) {
        free_.push_back(static_cast<std::uint32_t>(ticket - 1));
    }
}

void Connection::open(Nanos now) {
    stream_ = std::make_unique<TlsStream>(*plan_.tls, plan_.target, plan_.address);
    http_.reset();
    output_.clear();
    sent_ = 0;
    opened_at_ = now;
    state_ = State::connecting;
}

void Connection::go_on_connecting(Nanos now) {
    switch (stream_->connect()) {
        case TlsStream::Status::again:
            return;
        case TlsStream::Status::closed:
            close(nullptr, now, stream_->failure());
            return;
        case TlsStream::Status::done:
            break;
    }
    if (!stream_->speaks(plan_.protocol)) {
        close(
            nullptr,
            now,
            plan_.protocol == Protocol::h2 ? "the server does not offer HTTP/2" : "the server does not offer HTTP/1.1"
        );
        return;
    }
    const RequestShape shape{.authority = plan_.target.authority_name(), .path = plan_.target.path};
    http_ = plan_.protocol == Protocol::h2 ? make_h2_client(shape, plan_.streams) : make_h1_client(shape);
    state_ = State::open;
    ++times_opened_;
    failure_.clear();
}

void Connection::proceed(Recorder* recorder, Nanos now) {
    if (state_ == State::connecting) {
        go_on_connecting(now);
    }
    if (state_ != State::open) {
        return;
    }
    do {
        const auto status = stream_->read(input_);
        if (status == TlsStream::Status::again) {
            break;
        }
        const bool goes_on = status == TlsStream::Status::done && http_->receive(input_);
        take_answers(recorder, now);
        if (!goes_on) {
            close(recorder, now, "the server closed the connection");
            return;
        }
    } while (stream_->has_pending());
    flush(recorder, now);
}

void Connection::take_answers(Recorder* recorder, Nanos now) {
    for (const Answer& answer : http_->answers()) {
        const Flight flight = flights_[answer.ticket];
        if (!flight.is_live) {
            continue;
        }
        release(answer.ticket);
        failures_ = 0;
        if (recorder != nullptr) {
            recorder->answered(answer, flight.kind, flight.intended, now);
        }
    }
    http_->answers().clear();
}

void Connection::send(const DrawnReview& review, Nanos intended, Nanos now) {
    const std::uint32_t ticket = free_.back();
    free_.pop_back();
    flights_[ticket] = {.intended = intended, .sent = now, .kind = review.kind, .is_live = true};
    ++sent_;
    http_->send(ticket, review.body);
}

void Connection::flush(Recorder* recorder, Nanos now) {
    if (state_ != State::open) {
        return;
    }
    http_->take_output(output_);
    if (!output_.empty() && stream_->write(output_) == TlsStream::Status::closed) {
        close(recorder, now, "the server closed the connection");
        return;
    }
    // A request that HTTP/2 could not even begin is answered at once.
    take_answers(recorder, now);
    if (in_flight() == 0 && (is_spent() || http_->is_closing())) {
        close(recorder, now, {});
    }
}

void Connection::sweep(Recorder& recorder, Nanos now) {
    if (state_ == State::connecting && now - opened_at_ > plan_.timeout) {
        close(&recorder, now, "connecting took too long");
        return;
    }
    bool must_close = false;
    for (std::uint32_t ticket = 0; ticket < flights_.size(); ++ticket) {
        const Flight flight = flights_[ticket];
        if (flight.is_live && now - flight.sent > plan_.timeout) {
            recorder.timed_out(flight.intended, now);
            release(ticket);
            must_close = !http_->cancel(ticket) || must_close;
        }
    }
    if (must_close) {
        close(&recorder, now, {});
    } else {
        flush(&recorder, now);
    }
}

void Connection::give_up(Recorder& recorder, Nanos now) {
    for (std::uint32_t ticket = 0; ticket < flights_.size(); ++ticket) {
        if (flights_[ticket].is_live) {
            recorder.timed_out(flights_[ticket].intended, now);
            release(ticket);
        }
    }
    close(&recorder, now, {});
}

void Connection::release(std::uint32_t ticket) {
    flights_[ticket].is_live = false;
    free_.push_back(ticket);
}

void Connection::close(Recorder* recorder, Nanos now, std::string why) {
    const bool was_of_use = state_ == State::open && sent_ > 0;
    for (std::uint32_t ticket = 0; ticket < flights_.size(); ++ticket) {
        if (flights_[ticket].is_live) {
            if (recorder != nullptr) {
                recorder->disconnected(flights_[ticket].intended, now);
            }
            release(ticket);
        }
    }
    // A connection that served is replaced at once; one that never came to that waits longer each time.
    failures_ = was_of_use ? 0 : std::min(failures_ + 1, most_doublings);
    retry_at_ = now + (failures_ == 0 ? 0 : first_pause << (failures_ - 1));
    failure_ = std::move(why);
    http_.reset();
    stream_.reset();
    state_ = State::closed;
}

bool Connection::is_spent() const {
    return plan_.requests_per_connection != 0 && sent_ >= plan_.requests_per_connection;
}

bool Connection::can_send() const {
    return state_ == State::open && !free_.empty() && !is_spent() && http_->room() > 0;
}

bool Connection::wants_write() const noexcept {
    return state_ == State::connecting ? stream_->wants_write() : !output_.empty();
}

}  // namespace arngate::bench
