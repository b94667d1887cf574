#include "core/net/h2_client_codec.hpp"

#include "core/net/endpoint.hpp"
#include "core/net/h2_request_head.hpp"
#include "core/net/request_head.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <optional>

namespace arngate::net {
namespace {

constexpr std::size_t default_window = 65'535;                // RFC 9113, section 6.5.2
constexpr std::size_t largest_window = (1UL << 31U) - 1;      // RFC 9113, section 6.9.1
constexpr std::size_t connection_window = 4UL * 1024 * 1024;  // of all answers that come at once
/// What the server did not read yet is kept up to here; then it gets no new requests, and no acknowledgements.
constexpr std::size_t max_output = 1024UL * 1024;
/// Frames that carry nothing: as many at once, so many more a second, and so many more for each answer.
constexpr std::size_t max_control_frames = 1000;
constexpr std::size_t control_frames_per_second = 100;
constexpr std::size_t control_frames_per_answer = 16;

/// How nghttp2 is to behave, made once and only read afterwards.
const nghttp2_option* session_options() {
    static const h2::Options made = [] {
        h2::Options options = h2::make_options();
        nghttp2_option_set_no_closed_streams(options.get(), 1);
        return options;
    }();
    return made.get();
}

}  // namespace

H2Exchange::~H2Exchange() {
    if (codec_ != nullptr) {
        codec_->cancel(*this);
    }
}

// --- the beginning and the end

H2ClientCodec::H2ClientCodec(const HttpsPoolOptions& limits, SteadyTime now)
    : max_header_bytes_(limits.max_header_bytes),
      max_body_bytes_(limits.max_response_bytes),
      max_streams_(std::max<std::size_t>(limits.max_streams_per_connection, 1)),
      session_(h2::make_client(callbacks(), *this, session_options())),
      now_(now),
      control_(max_control_frames, control_frames_per_second, now) {
    say_settings();
}

H2ClientCodec::~H2ClientCodec() {
    abandon();
}

void H2ClientCodec::say_settings() noexcept {
    // A body that is within its limit fits into the window of its stream.
    const std::size_t window = std::clamp(max_body_bytes_ + 1, default_window, largest_window);
    const std::size_t all = std::clamp(connection_window, window, largest_window);
    const auto header_bytes = static_cast<std::uint32_t>(std::min(max_header_bytes_, largest_window));
    const std::array<nghttp2_settings_entry, 4> settings{{
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(window)},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, header_bytes},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    }};
    broken_ =
        nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, settings.data(), settings.size()) != 0 ||
        nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0, static_cast<std::int32_t>(all)) !=
            0;
}

void H2ClientCodec::abandon() noexcept {
    broken_ = true;
    end_all(H2End::lost);
}

void H2ClientCodec::end_all(H2End end) noexcept {
    while (first_ != nullptr) {
        finish(*first_, end);
    }
}

std::size_t H2ClientCodec::capacity() const noexcept {
    if (broken_ || going_away_ || output().size() > max_output ||
        nghttp2_session_check_request_allowed(session_.get()) == 0) {
        return 0;
    }
    return std::min<std::size_t>(
        max_streams_, nghttp2_session_get_remote_settings(session_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
    );
}

bool H2ClientCodec::is_over() const noexcept {
    return broken_ ||
           (nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0);
}

// --- requests

Result<void> H2ClientCodec::submit(H2Exchange& exchange, const Endpoint& endpoint, const HttpRequest& request) {
    if (auto checked = check_request(endpoint, request); !checked) {
        return checked;
    }
    pack();  // resets on their way free places
    if (live_ >= capacity()) {
        exchange.end = H2End::refused;
        return {};
    }
    finished_.reserve(finished_.size() + live_ + 1);
    const H2RequestHead head(endpoint, request);
    const auto fields = head.fields();
    std::optional<nghttp2_data_provider> body;
    if (request.body) {
        exchange.body_ = *request.body;
        exchange.unsent_ = exchange.body_;
        body = h2::body_of(exchange.unsent_);
    }
    const std::int32_t id = nghttp2_submit_request(
        session_.get(), nullptr, fields.data(), fields.size(), body ? &*body : nullptr, &exchange
    );
    if (id <= 0) {
        exchange.end = H2End::refused;  // numbers of streams have run out, or the connection is ending
        return {};
    }
    begin(exchange, id);
    submitting_ = &exchange;
    pack();  // while `head` lives
    submitting_ = nullptr;
    if (exchange.end == H2End::none && nghttp2_session_find_stream(session_.get(), id) == nullptr) {
        // nghttp2 kept what it was to send at once, and would look at the request after its end.
        abandon();
    }
    std::erase(finished_, &exchange);  // its owner is here and sees the end at once
    return {};
}

void H2ClientCodec::begin(H2Exchange& exchange, std::int32_t id) noexcept {
    exchange.id_ = id;
    exchange.codec_ = this;
    exchange.next_ = first_;
    if (first_ != nullptr) {
        first_->previous_ = &exchange;
    }
    first_ = &exchange;
    ++live_;
}

void H2ClientCodec::cancel(H2Exchange& exchange) noexcept {
    if (exchange.codec_ != nullptr) {
        reset(exchange, H2End::none);
    }
    std::erase(finished_, &exchange);
}

// The answer may be whole before the request is; what is left of that is not wanted (RFC 9113, section 8.1).
void H2ClientCodec::reset(H2Exchange& exchange, H2End end) noexcept {
    static_cast<void>(nghttp2_session_set_stream_user_data(session_.get(), exchange.id_, nullptr));
    if (nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, exchange.id_, NGHTTP2_CANCEL) != 0) {
        broken_ = true;
    }
    finish(exchange, end);
}

void H2ClientCodec::finish(H2Exchange& exchange, H2End end) noexcept {
    static_cast<void>(nghttp2_session_set_stream_user_data(session_.get(), exchange.id_, nullptr));
    detach(exchange);
    exchange.end = end;
    if (end != H2End::none) {
        finished_.push_back(&exchange);  // `submit` has made room
        control_.earn(control_frames_per_answer);
    }
}

void H2ClientCodec::detach(H2Exchange& exchange) noexcept {
    (exchange.previous_ != nullptr ? exchange.previous_->next_ : first_) = exchange.next_;
    if (exchange.next_ != nullptr) {
        exchange.next_->previous_ = exchange.previous_;
    }
    exchange.next_ = nullptr;
    exchange.previous_ = nullptr;
    exchange.codec_ = nullptr;
    --live_;
}

// --- bytes

void H2ClientCodec::receive(std::string_view bytes, SteadyTime now) {
    if (broken_) {
        return;
    }
    now_ = now;
    const bool received = h2::receive(*session_, bytes);
    if (fault_ != NGHTTP2_NO_ERROR) {
        static_cast<void>(nghttp2_session_terminate_session(session_.get(), fault_));
    }
    pack();
    if (!received || fault_ != NGHTTP2_NO_ERROR || nghttp2_session_want_read(session_.get()) == 0) {
        // With exchanges under way only an error of the server's makes nghttp2 stop reading.
        end_all(H2End::malformed);
        broken_ = broken_ || !received || fault_ != NGHTTP2_NO_ERROR;
    }
}

void H2ClientCodec::pack() noexcept {
    if (broken_) {
        return;  // nghttp2 may still have bodies to send whose requests are gone
    }
    try {
        for (;;) {
            if (submitting_ == nullptr && output().size() > max_output) {
                return;
            }
            const auto bytes = h2::next_output(*session_);
            if (!bytes || bytes->empty()) {
                broken_ = broken_ || !bytes;
                return;
            }
            out_.append(*bytes);
        }
    } catch (const std::exception&) {
        broken_ = true;
    }
}

void H2ClientCodec::ping() noexcept {
    broken_ = broken_ || nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr) != 0;
}

}  // namespace arngate::net
