#include "core/net/h2_client_codec.hpp"

#include "core/base/secret.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/net/endpoint.hpp"
#include "core/net/request_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <exception>
#include <memory>
#include <new>
#include <utility>

namespace arngate::net {
namespace {

constexpr std::size_t default_window = 65'535;                // RFC 9113, section 6.5.2
constexpr std::size_t largest_window = (1UL << 31U) - 1;      // RFC 9113, section 6.9.1
constexpr std::size_t connection_window = 4UL * 1024 * 1024;  // of all answers that come at once
constexpr std::size_t field_overhead = 32;                    // RFC 9113, section 6.5.2
constexpr unsigned max_interim_answers = 4;
/// An answer's fields are read on after they have become too many, as HPACK's state needs them; up to so many times.
constexpr std::size_t skipped_headers_share = 4;
/// What the server did not read yet is kept up to here; then it gets no new requests, and no acknowledgements.
constexpr std::size_t max_output = 1024UL * 1024;
/// Frames that carry nothing: as many at once, so many more a second, and so many more for each answer.
constexpr std::uint64_t max_control_budget = 1000;
constexpr std::uint64_t control_per_second = 100;
constexpr std::uint64_t control_per_answer = 16;

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) noexcept {
    return {reinterpret_cast<const char*>(bytes), size};
}

/// nghttp2 takes what it only reads as something it could write to.
std::uint8_t* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

/// What is the same in one request after the other may enter HPACK's table; what could be a credential never does.
bool is_repeated(std::string_view name) {
    static constexpr std::array<std::string_view, 5> repeated{
        "accept", "content-type", "user-agent", "x-k8s-aws-id", "accept-encoding"
    };
    return std::ranges::find(repeated, name) != repeated.end();
}

nghttp2_nv field(std::string_view name, std::string_view value, bool repeated) noexcept {
    // The bytes are packed before `submit` returns, so nghttp2 needs no copies.
    auto flags = static_cast<std::uint8_t>(NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE);
    if (!repeated) {
        flags |= NGHTTP2_NV_FLAG_NO_INDEX;
    }
    return {
        .name = bytes_of(name),
        .value = bytes_of(value),
        .namelen = name.size(),
        .valuelen = value.size(),
        .flags = flags
    };
}

/// nghttp2's settings for a session, made once and only read afterwards.
const nghttp2_option* session_options() {
    static const std::unique_ptr<nghttp2_option, decltype(&nghttp2_option_del)> made(
        [] {
            nghttp2_option* options = nullptr;
            if (nghttp2_option_new(&options) != 0) {
                throw std::bad_alloc();
            }
            nghttp2_option_set_no_closed_streams(options, 1);
            return options;
        }(),
        nghttp2_option_del
    );
    return made.get();
}

}  // namespace

H2Exchange::~H2Exchange() {
    if (codec_ != nullptr) {
        codec_->cancel(*this);
    }
}

/// What nghttp2 calls. Each records and returns; what is thrown ends the connection.
struct H2ClientCodec::Callbacks {
    static H2ClientCodec& codec(void* user) noexcept { return *static_cast<H2ClientCodec*>(user); }
    static H2Exchange* exchange_of(nghttp2_session* session, std::int32_t id) noexcept {
        return static_cast<H2Exchange*>(nghttp2_session_get_stream_user_data(session, id));
    }
    template <class Action>
    static int guarded(Action action) noexcept {
        try {
            action();
            return 0;
        } catch (const std::exception&) {
            return NGHTTP2_ERR_CALLBACK_FAILURE;
        }
    }

    /// nghttp2 says nothing more of these, which it passes over.
    static int on_begin_frame(nghttp2_session* /*session*/, const nghttp2_frame_hd* head, void* user) {
        H2ClientCodec& self = codec(user);
        if (head->type == NGHTTP2_PRIORITY) {
            self.count_control();
        } else if (head->type == NGHTTP2_PUSH_PROMISE) {
            // nghttp2 would allow it until the server has acknowledged our settings, which came before any request.
            self.fault_ = NGHTTP2_PROTOCOL_ERROR;
        }
        return 0;
    }

    static int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
        codec(user).skipped_header_bytes_ = 0;
        if (H2Exchange* exchange = exchange_of(session, frame->hd.stream_id)) {
            exchange->has_begun = true;
        }
        return 0;
    }

    static int on_header(
        nghttp2_session* session,
        const nghttp2_frame* frame,
        const std::uint8_t* name,
        std::size_t name_size,
        const std::uint8_t* value,
        std::size_t value_size,
        std::uint8_t /*flags*/,
        void* user
    ) {
        H2ClientCodec& self = codec(user);
        H2Exchange* exchange = exchange_of(session, frame->hd.stream_id);
        if (exchange == nullptr) {
            self.skipped_header_bytes_ += name_size + value_size + field_overhead;
            if (self.skipped_header_bytes_ > skipped_headers_share * self.max_header_bytes_) {
                self.fault_ = NGHTTP2_ENHANCE_YOUR_CALM;
                return NGHTTP2_ERR_CALLBACK_FAILURE;
            }
            return 0;
        }
        return guarded([&] { self.take_field(*exchange, text_of(name, name_size), text_of(value, value_size)); });
    }

    static int on_invalid_header(
        nghttp2_session* /*session*/,
        const nghttp2_frame* /*frame*/,
        const std::uint8_t* /*name*/,
        std::size_t /*name_size*/,
        const std::uint8_t* /*value*/,
        std::size_t /*value_size*/,
        std::uint8_t /*flags*/,
        void* /*user*/
    ) {
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }

    static int on_data(
        nghttp2_session* session,
        std::uint8_t /*flags*/,
        std::int32_t id,
        const std::uint8_t* bytes,
        std::size_t size,
        void* user
    ) {
        H2Exchange* exchange = exchange_of(session, id);
        if (exchange == nullptr) {
            return 0;
        }
        H2ClientCodec& self = codec(user);
        if (exchange->response.body.size() + size > self.max_body_bytes_) {
            self.reset(*exchange, H2End::too_large);
            return 0;
        }
        return guarded([&] { exchange->response.body.append(text_of(bytes, size)); });
    }

    static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
        return guarded([&] { codec(user).take_frame(exchange_of(session, frame->hd.stream_id), *frame); });
    }

    static int on_stream_close(nghttp2_session* session, std::int32_t id, std::uint32_t error, void* user) {
        H2Exchange* exchange = exchange_of(session, id);
        if (exchange == nullptr) {
            return 0;
        }
        H2ClientCodec& self = codec(user);
        exchange->error = error;
        if (exchange->reset_by_server_) {
            self.finish(
                *exchange,
                error == NGHTTP2_REFUSED_STREAM      ? H2End::refused
                : error == NGHTTP2_HTTP_1_1_REQUIRED ? H2End::wants_http1
                                                     : H2End::reset
            );
        } else if (error == NGHTTP2_REFUSED_STREAM || exchange == self.submitting_) {
            self.finish(*exchange, H2End::refused);  // GOAWAY says that it was not looked at; or it was never sent
        } else {
            self.finish(*exchange, H2End::malformed);
        }
        return 0;
    }

    static ssize_t read_body(
        nghttp2_session* /*session*/,
        std::int32_t /*id*/,
        std::uint8_t* buffer,
        std::size_t most,
        std::uint32_t* flags,
        nghttp2_data_source* source,
        void* /*user*/
    ) {
        auto& exchange = *static_cast<H2Exchange*>(source->ptr);
        const std::size_t left = exchange.body_.size() - exchange.body_sent_;
        const std::size_t count = std::min(left, most);
        std::copy_n(exchange.body_.data() + exchange.body_sent_, count, buffer);
        exchange.body_sent_ += count;
        if (count == left) {
            *flags |= NGHTTP2_DATA_FLAG_EOF;
        }
        return static_cast<ssize_t>(count);
    }

    static nghttp2_session_callbacks* make() {
        nghttp2_session_callbacks* calls = nullptr;
        if (nghttp2_session_callbacks_new(&calls) != 0) {
            throw std::bad_alloc();
        }
        nghttp2_session_callbacks_set_on_begin_frame_callback(calls, on_begin_frame);
        nghttp2_session_callbacks_set_on_begin_headers_callback(calls, on_begin_headers);
        nghttp2_session_callbacks_set_on_header_callback(calls, on_header);
        nghttp2_session_callbacks_set_on_invalid_header_callback(calls, on_invalid_header);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, on_data);
        nghttp2_session_callbacks_set_on_frame_recv_callback(calls, on_frame);
        nghttp2_session_callbacks_set_on_stream_close_callback(calls, on_stream_close);
        return calls;
    }

    [[nodiscard]] static const nghttp2_session_callbacks* all() {
        static const std::unique_ptr<nghttp2_session_callbacks, decltype(&nghttp2_session_callbacks_del)> made(
            make(), nghttp2_session_callbacks_del
        );
        return made.get();
    }
};

// --- the beginning and the end

H2ClientCodec::H2ClientCodec(const HttpsPoolOptions& limits, SteadyTime now)
    : max_header_bytes_(limits.max_header_bytes),
      max_body_bytes_(limits.max_response_bytes),
      max_streams_(std::max<std::size_t>(limits.max_streams_per_connection, 1)),
      refilled_(now),
      control_budget_(max_control_budget) {
    if (nghttp2_session_client_new2(&session_, Callbacks::all(), this, session_options()) != 0) {
        throw std::bad_alloc();
    }
    say_settings();
}

H2ClientCodec::~H2ClientCodec() {
    abandon();
    nghttp2_session_del(session_);
    wipe(out_);
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
        nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) != 0 ||
        nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, static_cast<std::int32_t>(all)) != 0;
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
    if (broken_ || going_away_ || out_.size() - out_sent_ > max_output ||
        nghttp2_session_check_request_allowed(session_) == 0) {
        return 0;
    }
    return std::min<std::size_t>(
        max_streams_, nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
    );
}

bool H2ClientCodec::is_over() const noexcept {
    return broken_ || (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0);
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
    static const std::string user_agent = fmt::format("arngate/{}", version());
    const std::string host = host_header(endpoint);
    const std::string length = request.body ? fmt::format("{}", request.body->size()) : std::string();
    std::vector<std::string> names;
    names.reserve(request.headers.size());
    std::vector<nghttp2_nv> fields;
    fields.reserve(request.headers.size() + 7);
    fields.push_back(field(":method", request.method, true));
    fields.push_back(field(":scheme", "https", true));
    fields.push_back(field(":authority", host, true));
    fields.push_back(field(":path", request.target.expose(), false));
    fields.push_back(field("user-agent", user_agent, true));
    for (const auto& [name, value] : request.headers) {
        names.push_back(text::to_lower(name));
        fields.push_back(field(names.back(), value, is_repeated(names.back())));
    }
    if (!request.authorization.empty()) {
        fields.push_back(field("authorization", request.authorization.expose(), false));
    }
    finished_.reserve(finished_.size() + live_ + 1);
    nghttp2_data_provider body{};
    if (request.body) {
        fields.push_back(field("content-length", length, false));
        exchange.body_ = *request.body;
        body.source.ptr = &exchange;
        body.read_callback = Callbacks::read_body;
    }
    exchange.id_ = nghttp2_submit_request(
        session_, nullptr, fields.data(), fields.size(), request.body ? &body : nullptr, &exchange
    );
    if (exchange.id_ <= 0) {
        exchange.end = H2End::refused;  // numbers of streams have run out, or the connection is ending
        return {};
    }
    exchange.codec_ = this;
    exchange.next_ = first_;
    if (first_ != nullptr) {
        first_->previous_ = &exchange;
    }
    first_ = &exchange;
    ++live_;
    submitting_ = &exchange;
    pack();
    submitting_ = nullptr;
    if (exchange.end == H2End::none && nghttp2_session_find_stream(session_, exchange.id_) == nullptr) {
        // nghttp2 kept what it was to send at once, and would look at the request after its end.
        abandon();
    }
    std::erase(finished_, &exchange);  // its owner is here and sees the end at once
    return {};
}

void H2ClientCodec::cancel(H2Exchange& exchange) noexcept {
    if (exchange.codec_ != nullptr) {
        reset(exchange, H2End::none);
    }
    std::erase(finished_, &exchange);
}

// The answer may be whole before the request is; what is left of that is not wanted (RFC 9113, section 8.1).
void H2ClientCodec::reset(H2Exchange& exchange, H2End end) noexcept {
    static_cast<void>(nghttp2_session_set_stream_user_data(session_, exchange.id_, nullptr));
    if (nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, exchange.id_, NGHTTP2_CANCEL) != 0) {
        broken_ = true;
    }
    finish(exchange, end);
}

void H2ClientCodec::finish(H2Exchange& exchange, H2End end) noexcept {
    static_cast<void>(nghttp2_session_set_stream_user_data(session_, exchange.id_, nullptr));
    detach(exchange);
    exchange.end = end;
    if (end != H2End::none) {
        finished_.push_back(&exchange);  // `submit` has made room
        control_budget_ = std::min(max_control_budget, control_budget_ + control_per_answer);
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

// --- the server's bytes

void H2ClientCodec::receive(std::string_view bytes, SteadyTime now) {
    if (broken_) {
        return;
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - refilled_);
    if (seconds.count() > 0) {
        refilled_ += seconds;
        const std::uint64_t earned = control_per_second * static_cast<std::uint64_t>(std::min<std::int64_t>(
                                                              seconds.count(), max_control_budget / control_per_second
                                                          ));
        control_budget_ = std::min(max_control_budget, control_budget_ + earned);
    }
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    const auto taken = nghttp2_session_mem_recv(session_, data, bytes.size());
    if (fault_ != NGHTTP2_NO_ERROR) {
        static_cast<void>(nghttp2_session_terminate_session(session_, fault_));
    }
    pack();
    if (taken < 0 || fault_ != NGHTTP2_NO_ERROR || nghttp2_session_want_read(session_) == 0) {
        // With exchanges under way only an error of the server's makes nghttp2 stop reading.
        end_all(H2End::malformed);
        broken_ = broken_ || taken < 0 || fault_ != NGHTTP2_NO_ERROR;
    }
}

void H2ClientCodec::take_frame(H2Exchange* exchange, const nghttp2_frame& frame) {
    switch (frame.hd.type) {
        case NGHTTP2_HEADERS:
            if (exchange != nullptr) {
                take_headers(*exchange);
            }
            break;
        case NGHTTP2_DATA:
            if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0 && frame.hd.length == frame.data.padlen) {
                count_control();
            }
            break;
        case NGHTTP2_RST_STREAM:
            if (exchange != nullptr) {
                exchange->reset_by_server_ = true;
            }
            return count_control();
        case NGHTTP2_GOAWAY:
            going_away_ = true;
            return count_control();
        case NGHTTP2_SETTINGS:
            has_settings_ = has_settings_ || (frame.hd.flags & NGHTTP2_FLAG_ACK) == 0;
            return count_control();
        default:
            return count_control();
    }
    if (exchange == nullptr || exchange->codec_ == nullptr || (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) {
        return;
    }
    if (nghttp2_session_get_stream_local_close(session_, frame.hd.stream_id) == 1) {
        finish(*exchange, H2End::complete);
    } else {
        reset(*exchange, H2End::complete);
    }
}

void H2ClientCodec::take_field(H2Exchange& exchange, std::string_view name, std::string_view value) {
    exchange.header_bytes_ += name.size() + value.size() + field_overhead;
    if (exchange.header_bytes_ > max_header_bytes_) {
        skipped_header_bytes_ = exchange.header_bytes_;
        return reset(exchange, H2End::too_large);
    }
    if (exchange.has_headers) {
        return;  // a trailer
    }
    if (name == ":status") {
        // nghttp2 has made sure that these are three digits.
        std::from_chars(value.data(), value.data() + value.size(), exchange.response.status);
    } else if (name == "content-type") {
        exchange.response.content_type = value;
    } else if (name == "retry-after") {
        exchange.response.retry_after = value;
    } else if (name == "date") {
        exchange.response.date = value;
    }
}

void H2ClientCodec::take_headers(H2Exchange& exchange) {
    if (exchange.has_headers) {
        return;
    }
    const int status = exchange.response.status;
    // RFC 9110, section 15: a status code is from 100 to 599; 101 has no place here (RFC 9113, section 8.6).
    constexpr int least_status = 100;
    if (status < least_status || status == 101) {
        return reset(exchange, H2End::malformed);
    }
    if (status / 100 != 1) {
        exchange.has_headers = true;
        return;
    }
    if (++exchange.interim_answers_ > max_interim_answers) {
        return reset(exchange, H2End::malformed);
    }
    exchange.response = HttpResponse();
    exchange.header_bytes_ = 0;
}

void H2ClientCodec::count_control() noexcept {
    if (control_budget_ == 0) {
        fault_ = NGHTTP2_ENHANCE_YOUR_CALM;
    } else {
        --control_budget_;
    }
}

// --- bytes for the server

void H2ClientCodec::pack() noexcept {
    try {
        for (;;) {
            if (submitting_ == nullptr && output().size() > max_output) {
                return;
            }
            const std::uint8_t* data = nullptr;
            const auto count = nghttp2_session_mem_send(session_, &data);
            if (count <= 0) {
                broken_ = broken_ || count < 0;
                return;
            }
            append(text_of(data, static_cast<std::size_t>(count)));
        }
    } catch (const std::exception&) {
        broken_ = true;
    }
}

/// As std::string's, but what it grows out of is wiped.
void H2ClientCodec::append(std::string_view bytes) {
    if (out_.size() + bytes.size() > out_.capacity()) {
        std::string larger;
        constexpr std::size_t least = 4096;
        larger.reserve(std::max({least, 2 * output().size(), output().size() + bytes.size()}));
        larger = output();
        wipe(out_);
        out_ = std::move(larger);
        out_sent_ = 0;
    }
    out_ += bytes;
}

void H2ClientCodec::sent(std::size_t count) noexcept {
    wipe(out_.data() + out_sent_, count);
    out_sent_ += count;
    if (out_sent_ == out_.size()) {
        out_.clear();
        out_sent_ = 0;
    }
}

void H2ClientCodec::ping() noexcept {
    broken_ = broken_ || nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr) != 0;
}

}  // namespace arngate::net
