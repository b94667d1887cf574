#include "core/h2/session.hpp"
#include "daemon/http/h2_codec.hpp"
#include "daemon/http/h2_request.hpp"

#include <algorithm>
#include <new>

/// What nghttp2 tells the codec. Each call records and returns; what is thrown ends the connection.
namespace arngate::http {

const h2::CallbackTable<H2Codec>& H2Codec::callbacks() {
    static const h2::CallbackTable<H2Codec> made = [] {
        h2::CallbackTable<H2Codec> table;
        table.on_begin_frame<&H2Codec::begin_frame>()
            .on_begin_headers<&H2Codec::begin_headers>()
            .on_header<&H2Codec::take_header>()
            .on_data<&H2Codec::take_data>()
            .on_frame<&H2Codec::take_frame>()
            .on_sent<&H2Codec::note_sent>()
            .on_stream_close<&H2Codec::close_stream>();
        nghttp2_session_callbacks_set_unpack_extension_callback(
            table.get(),
            [](nghttp2_session* /*session*/, void** /*payload*/, const nghttp2_frame_hd* /*head*/, void* /*user*/) {
                return int{NGHTTP2_ERR_CANCEL};
            }
        );
        nghttp2_session_callbacks_set_send_data_callback(
            table.get(),
            [](nghttp2_session* /*session*/,
               nghttp2_frame* /*frame*/,
               const std::uint8_t* head,
               std::size_t size,
               nghttp2_data_source* source,
               void* user) {
                constexpr std::size_t frame_head_size = 9;
                return h2::call_member<&H2Codec::send_answer, H2Codec, H2Stream&, std::string_view, std::size_t>(
                    user, *static_cast<H2Stream*>(source->ptr), h2::text_of(head, frame_head_size), size
                );
            }
        );
        return table;
    }();
    return made;
}

H2Stream* H2Codec::stream_of(std::int32_t id) const noexcept {
    return static_cast<H2Stream*>(nghttp2_session_get_stream_user_data(session_.get(), id));
}

/// Of what nghttp2 passes over it says nothing more.
void H2Codec::begin_frame(const nghttp2_frame_hd& head) {
    if (head.type == NGHTTP2_PRIORITY && head.stream_id == 0) {
        fault_ = NGHTTP2_PROTOCOL_ERROR;  // RFC 9113, section 6.3
    } else if (head.type == NGHTTP2_PRIORITY || head.type > NGHTTP2_CONTINUATION) {
        count_control();
    }
}

void H2Codec::begin_headers(const nghttp2_frame& frame) {
    if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) {
        return;
    }
    const std::int32_t id = frame.hd.stream_id;
    if (live_ >= limits_.max_streams) {
        if (nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM) != 0) {
            throw std::bad_alloc();
        }
        return;
    }
    auto stream = pool_.take();
    stream->id = id;
    if (nghttp2_session_set_stream_user_data(session_.get(), id, stream.get()) != 0) {
        throw std::bad_alloc();
    }
    open(*stream.release());
}

void H2Codec::take_header(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
    H2Stream* stream = stream_of(frame.hd.stream_id);
    if (stream == nullptr) {
        return;
    }
    if (stream->stage == H2Stage::head) {
        take_field(*stream, name, value, limits_);
    } else {
        count_field(*stream, name, value, limits_);
    }
}

void H2Codec::take_data(std::int32_t id, std::string_view bytes) {
    H2Stream* stream = stream_of(id);
    if (stream != nullptr && stream->stage == H2Stage::body) {
        take_body(*stream, bytes);
    } else {
        consume(bytes.size());
    }
}

int H2Codec::note_sent(const nghttp2_frame& frame) {
    const nghttp2_frame_hd& head = frame.hd;
    if (head.type == NGHTTP2_RST_STREAM && frame.rst_stream.error_code == NGHTTP2_FLOW_CONTROL_ERROR) {
        // A setting that makes a window too large is an error of the connection (RFC 9113, section 6.9.2), for which
        // nghttp2 resets the stream.
        fault_ = NGHTTP2_FLOW_CONTROL_ERROR;
        return 0;
    }
    if (head.type == NGHTTP2_RST_STREAM && frame.rst_stream.error_code != NGHTTP2_NO_ERROR) {
        // A client that makes us reset costs as much as one that resets.
        count_reset();
        return 0;
    }
    const bool ends =
        (head.type == NGHTTP2_DATA || head.type == NGHTTP2_HEADERS) && (head.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    const H2Stream* stream = ends ? stream_of(head.stream_id) : nullptr;
    if (stream == nullptr || stream->ended) {
        return 0;
    }
    // Answered before the request was complete: the rest is not wanted (RFC 9113, section 8.1).
    const int submitted =
        nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, head.stream_id, NGHTTP2_NO_ERROR);
    return submitted == 0 ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

void H2Codec::close_stream(std::int32_t id, std::uint32_t /*error*/) {
    if (H2Stream* stream = stream_of(id)) {
        close(*stream);
    }
}

nghttp2_data_provider H2Codec::answer_of(H2Stream& stream) noexcept {
    // Only how much of the answer goes into the next frame: `send_answer` copies it.
    const auto measure = [](nghttp2_session* /*session*/,
                            std::int32_t /*id*/,
                            std::uint8_t* /*buffer*/,
                            std::size_t most,
                            std::uint32_t* flags,
                            nghttp2_data_source* source,
                            void* /*user*/) {
        const auto& answering = *static_cast<const H2Stream*>(source->ptr);
        const std::size_t left = answering.answer.size() - answering.answered;
        *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
        if (left <= most) {
            *flags |= NGHTTP2_DATA_FLAG_EOF;
        }
        return static_cast<ssize_t>(std::min(left, most));
    };
    return {.source = {.ptr = &stream}, .read_callback = measure};
}

/// Copies once, from the answer to where the socket's writer takes it.
int H2Codec::send_answer(H2Stream& stream, std::string_view frame_head, std::size_t size) {
    out_->append(frame_head);
    out_->append(stream.answer, stream.answered, size);
    stream.answered += size;
    held_ -= size;
    watch(stream, now_ + limits_.write_timeout);
    return out_->size() > most_ ? NGHTTP2_ERR_PAUSE : 0;
}

}  // namespace arngate::http
