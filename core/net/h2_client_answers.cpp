#include "core/net/h2_client_codec.hpp"

#include <charconv>

/// What nghttp2 tells of the server's bytes. Each call records and returns; what is thrown ends the connection.
namespace arngate::net {
namespace {

constexpr std::size_t field_overhead = 32;  // RFC 9113, section 6.5.2
constexpr unsigned max_interim_answers = 4;
/// An answer's fields are read on after they have become too many, as HPACK's state needs them; up to so many times.
constexpr std::size_t skipped_headers_share = 4;

}  // namespace

const h2::CallbackTable<H2ClientCodec>& H2ClientCodec::callbacks() {
    static const h2::CallbackTable<H2ClientCodec> made = [] {
        h2::CallbackTable<H2ClientCodec> table;
        table.on_begin_frame<&H2ClientCodec::begin_frame>()
            .on_begin_headers<&H2ClientCodec::begin_headers>()
            .on_header<&H2ClientCodec::take_header>()
            .on_invalid_header<&H2ClientCodec::refuse_header>()
            .on_data<&H2ClientCodec::take_data>()
            .on_frame<&H2ClientCodec::take_frame>()
            .on_stream_close<&H2ClientCodec::close_stream>();
        return table;
    }();
    return made;
}

H2Exchange* H2ClientCodec::exchange_of(std::int32_t id) const noexcept {
    return static_cast<H2Exchange*>(nghttp2_session_get_stream_user_data(session_.get(), id));
}

/// nghttp2 says nothing more of these, which it passes over.
void H2ClientCodec::begin_frame(const nghttp2_frame_hd& head) {
    if (head.type == NGHTTP2_PRIORITY) {
        count_control();
    } else if (head.type == NGHTTP2_PUSH_PROMISE) {
        // nghttp2 would allow it until the server has acknowledged our settings, which came before any request.
        fault_ = NGHTTP2_PROTOCOL_ERROR;
    }
}

void H2ClientCodec::begin_headers(const nghttp2_frame& frame) {
    skipped_header_bytes_ = 0;
    if (H2Exchange* exchange = exchange_of(frame.hd.stream_id)) {
        exchange->has_begun = true;
    }
}

int H2ClientCodec::take_header(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
    H2Exchange* exchange = exchange_of(frame.hd.stream_id);
    if (exchange == nullptr) {
        return skip_field(name.size() + value.size() + field_overhead);
    }
    take_field(*exchange, name, value);
    return 0;
}

/// Of an answer that nobody waits for any more.
int H2ClientCodec::skip_field(std::size_t bytes) {
    skipped_header_bytes_ += bytes;
    if (skipped_header_bytes_ > skipped_headers_share * max_header_bytes_) {
        fault_ = NGHTTP2_ENHANCE_YOUR_CALM;
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    return 0;
}

int H2ClientCodec::refuse_header(
    const nghttp2_frame& /*frame*/, std::string_view /*name*/, std::string_view /*value*/
) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

void H2ClientCodec::take_data(std::int32_t id, std::string_view bytes) {
    H2Exchange* exchange = exchange_of(id);
    if (exchange == nullptr) {
        return;
    }
    if (exchange->response.body.size() + bytes.size() > max_body_bytes_) {
        return reset(*exchange, H2End::too_large);
    }
    exchange->response.body.append(bytes);
}

void H2ClientCodec::close_stream(std::int32_t id, std::uint32_t error) {
    H2Exchange* exchange = exchange_of(id);
    if (exchange == nullptr) {
        return;
    }
    exchange->error = error;
    if (exchange->reset_by_server_) {
        finish(
            *exchange,
            error == NGHTTP2_REFUSED_STREAM      ? H2End::refused
            : error == NGHTTP2_HTTP_1_1_REQUIRED ? H2End::wants_http1
                                                 : H2End::reset
        );
    } else if (error == NGHTTP2_REFUSED_STREAM || exchange == submitting_) {
        finish(*exchange, H2End::refused);  // GOAWAY says that it was not looked at; or it was never sent
    } else {
        finish(*exchange, H2End::malformed);
    }
}

void H2ClientCodec::take_frame(const nghttp2_frame& frame) {
    H2Exchange* exchange = exchange_of(frame.hd.stream_id);
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
    if (nghttp2_session_get_stream_local_close(session_.get(), frame.hd.stream_id) == 1) {
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
    if (!control_.spend(now_)) {
        fault_ = NGHTTP2_ENHANCE_YOUR_CALM;
    }
}

}  // namespace arngate::net
