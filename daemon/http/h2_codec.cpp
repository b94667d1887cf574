#include "daemon/http/h2_codec.hpp"

#include "daemon/http/h2_answer_head.hpp"
#include "daemon/http/h2_request.hpp"
#include "daemon/http/h2_settings.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <new>
#include <span>
#include <utility>

namespace arngate::http {
namespace {

/// All bodies of one connection that are not complete or not served yet.
constexpr std::size_t connection_window = 1024 * 1024;
constexpr std::size_t default_window = 65'535;  // RFC 9113, section 6.5.2
/// Each request explains so many frames that carry nothing: the client opens windows for the answer.
constexpr std::size_t control_frames_per_request = 8;
/// How long a client has to confirm that it knows of the end.
constexpr std::chrono::seconds drain_round_trip{1};

}  // namespace

// --- the beginning and the end

H2Codec::H2Codec(const HttpLimits& limits, H2StreamPool& pool, HttpMetrics& metrics, SteadyTime now)
    : limits_(limits),
      pool_(pool),
      metrics_(metrics),
      session_(h2::make_server(callbacks(), *this, h2_session_options())),
      now_(now),
      first_request_until_(now + limits.first_request_timeout),
      resets_(limits.max_resets, limits.resets_per_second, now),
      control_(limits.max_control_frames, limits.control_frames_per_second, now) {
    say_settings();
}

H2Codec::~H2Codec() {
    while (first_ != nullptr) {
        pool_.give(std::unique_ptr<H2Stream>(std::exchange(first_, first_->next)));
    }
}

void H2Codec::say_settings() {
    // A body that is within its limit fits into the window of its stream, so that no stream's window is ever opened.
    const std::size_t window = std::max(default_window, limits_.max_body_bytes + 1);
    const std::array<nghttp2_settings_entry, 4> settings{{
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<std::uint32_t>(limits_.max_streams)},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(window)},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits_.max_header_bytes)},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    }};
    greeting_ = h2_settings_frame(settings);
    // nghttp2 would end the connection over one stream too many (RFC 9113, section 5.1.2, wants that stream refused).
    // So it is not told of that limit, and its own frame is left out.
    const std::span without_limit = std::span(settings).subspan(1);
    const auto all = static_cast<std::int32_t>(std::max(connection_window, 2 * window));
    broken_ =
        nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, without_limit.data(), without_limit.size()) != 0 ||
        h2::next_output(*session_.get()).value_or("").empty() ||
        nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0, all) != 0;
}

void H2Codec::drain(SteadyTime now) {
    if (drain_ != Drain::none || failed_ || broken_) {
        return;
    }
    if (requests_ == 0 && now < first_request_until_) {
        drain_ = Drain::with_first_request;
        drain_until_ = first_request_until_;
        deadline_ = std::min(deadline_, drain_until_);
        return;
    }
    say_drain(now);
}

void H2Codec::say_drain(SteadyTime now) noexcept {
    drain_ = Drain::said;
    drain_until_ = now + drain_round_trip;
    deadline_ = std::min(deadline_, drain_until_);
    broken_ = broken_ || nghttp2_submit_shutdown_notice(session_.get()) != 0 ||
              nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr) != 0;
}

void H2Codec::finish_drain() noexcept {
    drain_ = Drain::final;
    drain_until_ = SteadyTime::max();
    const std::int32_t last = nghttp2_session_get_last_proc_stream_id(session_.get());
    if (nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0) != 0) {
        broken_ = true;
    }
}

void H2Codec::fail(std::uint32_t error) noexcept {
    fault_ = error;
    static_cast<void>(apply_fault());
}

H2Codec::Applied H2Codec::apply_fault() noexcept {
    if (fault_ == NGHTTP2_NO_ERROR || std::exchange(failed_, true)) {
        return Applied::no;
    }
    broken_ = broken_ || nghttp2_session_terminate_session(session_.get(), fault_) != 0;
    return Applied::yes;
}

void H2Codec::abandon() noexcept {
    broken_ = true;
    for (H2Stream* stream = first_; stream != nullptr; stream = stream->next) {
        if (stream->after_write) {
            after_writes_.push_back(std::move(stream->after_write));
        }
    }
}

bool H2Codec::is_over() const noexcept {
    return broken_ ||
           (nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0);
}

// --- in

void H2Codec::receive(std::string_view bytes, SteadyTime now) {
    if (broken_ || failed_) {
        return;
    }
    now_ = now;
    if (!h2::receive(*session_.get(), bytes)) {
        broken_ = true;
        return;
    }
    static_cast<void>(apply_fault());
}

void H2Codec::take_frame(const nghttp2_frame& frame) {
    H2Stream* stream = stream_of(frame.hd.stream_id);
    const bool ends = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    const bool acknowledges = (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0;
    switch (frame.hd.type) {
        case NGHTTP2_HEADERS:
        case NGHTTP2_DATA:
            if (frame.hd.type == NGHTTP2_DATA && !ends && frame.hd.length == frame.data.padlen) {
                count_control();
            }
            if (drain_ == Drain::with_first_request) {
                say_drain(now_);
            }
            if (stream != nullptr) {
                stream->ended = stream->ended || ends;
                take_progress(*stream);
            }
            return;
        case NGHTTP2_RST_STREAM:
            return count_reset();
        case NGHTTP2_PING:
            if (acknowledges && drain_ == Drain::said) {
                finish_drain();
            }
            return count_control();
        case NGHTTP2_SETTINGS:
            has_begun_ = has_begun_ || !acknowledges;
            return count_control();
        default:
            return count_control();
    }
}

void H2Codec::take_progress(H2Stream& stream) {
    if (stream.stage == H2Stage::head) {
        if (const unsigned status = check_head(stream, limits_); status != 0) {
            return refuse(stream, status);
        }
        stream.stage = H2Stage::body;
        watch(stream, now_ + limits_.body_timeout);
        if (stream.expects_continue && !stream.ended) {
            const nghttp2_nv field = continue_field();
            if (nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, stream.id, nullptr, &field, 1, nullptr) < 0) {
                throw std::bad_alloc();
            }
        }
    }
    if (stream.stage != H2Stage::body) {
        return;
    }
    if (stream.refusal != 0) {
        refuse(stream, stream.refusal);
    } else if (stream.ended) {
        stream.body.append({});  // a handler may read behind a body of no bytes
        make_ready(stream);
    }
}

void H2Codec::take_body(H2Stream& stream, std::string_view bytes) {
    if (stream.body.size() + bytes.size() > limits_.max_body_bytes) {
        consume(bytes.size());
        return refuse(stream, 413);
    }
    stream.body.append(bytes);
    stream.unreleased += bytes.size();
}

void H2Codec::make_ready(H2Stream& stream) {
    ready_.push_back(&stream);
    stream.stage = H2Stage::ready;
    stream.deadline = SteadyTime::max();
}

void H2Codec::refuse(H2Stream& stream, unsigned status) {
    stream.refusal = status;
    release_body(stream);
    make_ready(stream);
}

H2Stream* H2Codec::next_ready() noexcept {
    while (next_ready_ < ready_.size()) {
        H2Stream* stream = ready_[next_ready_++];
        if (stream != nullptr) {
            stream->stage = H2Stage::handling;
            control_.earn(control_frames_per_request);
            return stream;
        }
    }
    ready_.clear();
    next_ready_ = 0;
    return nullptr;
}

void H2Codec::release_body(H2Stream& stream) noexcept {
    stream.body.clear();
    consume(std::exchange(stream.unreleased, 0));
}

void H2Codec::consume(std::size_t bytes) noexcept {
    if (bytes > 0 && !broken_ && nghttp2_session_consume_connection(session_.get(), bytes) != 0) {
        broken_ = true;
    }
}

void H2Codec::count_reset() noexcept {
    if (fault_ == NGHTTP2_NO_ERROR && !resets_.spend(now_)) {
        metrics_.limit(Limit::stream_resets).add();
        fault_ = NGHTTP2_ENHANCE_YOUR_CALM;
    }
}

void H2Codec::count_control() noexcept {
    if (fault_ == NGHTTP2_NO_ERROR && !control_.spend(now_)) {
        metrics_.limit(Limit::control_frames).add();
        fault_ = NGHTTP2_ENHANCE_YOUR_CALM;
    }
}

// --- streams and their time

void H2Codec::open(H2Stream& stream) noexcept {
    stream.next = first_;
    if (first_ != nullptr) {
        first_->previous = &stream;
    }
    first_ = &stream;
    ++live_;
    ++requests_;
    watch(stream, now_ + limits_.header_timeout);
}

void H2Codec::close(H2Stream& stream) {
    if (stream.stage == H2Stage::ready) {
        std::ranges::replace(ready_, &stream, nullptr);
    }
    held_ -= stream.answer.size() - stream.answered;
    release_body(stream);
    if (stream.after_write) {
        after_writes_.push_back(std::move(stream.after_write));
    }
    (stream.previous != nullptr ? stream.previous->next : first_) = stream.next;
    if (stream.next != nullptr) {
        stream.next->previous = stream.previous;
    }
    --live_;
    pool_.give(std::unique_ptr<H2Stream>(&stream));
}

void H2Codec::watch(H2Stream& stream, SteadyTime deadline) noexcept {
    stream.deadline = deadline;
    deadline_ = std::min(deadline_, deadline);
}

void H2Codec::expire(SteadyTime now) {
    if (broken_) {
        return;
    }
    now_ = now;
    if (now >= drain_until_) {
        if (drain_ == Drain::with_first_request) {
            say_drain(now);
        } else {
            finish_drain();
        }
    }
    deadline_ = drain_until_;
    for (H2Stream* stream = first_; stream != nullptr; stream = stream->next) {
        if (now < stream->deadline) {
            deadline_ = std::min(deadline_, stream->deadline);
            continue;
        }
        stream->deadline = SteadyTime::max();
        if (stream->stage == H2Stage::head) {
            // Nothing else can be received while a header block is open.
            metrics_.limit(Limit::header_timeout).add();
            fault_ = NGHTTP2_PROTOCOL_ERROR;
        } else if (stream->stage == H2Stage::body) {
            metrics_.limit(Limit::body_timeout).add();
            refuse(*stream, 408);
        } else {
            metrics_.limit(Limit::write_timeout).add();
            broken_ = broken_ ||
                      nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_CANCEL) != 0;
        }
    }
    static_cast<void>(apply_fault());
}

// --- out

H2Stream* H2Codec::handled(std::int32_t id) noexcept {
    H2Stream* stream = broken_ ? nullptr : stream_of(id);
    return stream != nullptr && stream->stage == H2Stage::handling ? stream : nullptr;
}

void H2Codec::answer(H2Stream& stream, Response& response, std::string_view date, SteadyTime now) {
    if (broken_ || failed_) {
        if (response.after_write) {
            after_writes_.push_back(std::move(response.after_write));
        }
        return;
    }
    stream.stage = H2Stage::answering;
    stream.after_write = std::move(response.after_write);
    std::swap(stream.answer, response.body);
    response.body.clear();
    const H2AnswerHead head(response, stream.answer.size(), date);
    if (stream.method == "HEAD") {
        stream.answer.clear();
    }
    held_ += stream.answer.size();
    const nghttp2_data_provider body = answer_of(stream);
    const auto fields = head.fields();
    const int submitted = nghttp2_submit_response(
        session_.get(), stream.id, fields.data(), fields.size(), stream.answer.empty() ? nullptr : &body
    );
    if (submitted != 0) {
        return fail(NGHTTP2_INTERNAL_ERROR);
    }
    watch(stream, now + limits_.write_timeout);
}

void H2Codec::send(std::string& out, std::size_t most, SteadyTime now) {
    now_ = now;
    out.append(std::exchange(greeting_, {}));
    out_ = &out;
    most_ = most;
    bool more = true;
    while (more && !broken_ && out.size() <= most) {
        const std::size_t before = out.size();
        const auto bytes = h2::next_output(*session_.get());
        if (!bytes) {
            broken_ = true;
            break;
        }
        out.append(*bytes);
        // What was sent may have been one reset too many.
        more = apply_fault() == Applied::yes || out.size() > before;
    }
    out_ = nullptr;
}

}  // namespace arngate::http
