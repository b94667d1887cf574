#include "daemon/http/h2_callbacks.hpp"

#include "daemon/http/h2_request.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <new>

namespace arngate::http {
namespace {

template <class Action>
int guarded(Action action) noexcept {
    try {
        action();
        return 0;
    } catch (const std::exception&) {
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
}

}  // namespace

H2Stream* H2Codec::Callbacks::stream_of(nghttp2_session* session, std::int32_t id) noexcept {
    return static_cast<H2Stream*>(nghttp2_session_get_stream_user_data(session, id));
}

/// Of what nghttp2 passes over it says nothing more.
int H2Codec::Callbacks::on_begin_frame(nghttp2_session* /*session*/, const nghttp2_frame_hd* head, void* user) {
    H2Codec& self = codec(user);
    if (head->type == NGHTTP2_PRIORITY && head->stream_id == 0) {
        self.fault_ = NGHTTP2_PROTOCOL_ERROR;  // RFC 9113, section 6.3
    } else if (head->type == NGHTTP2_PRIORITY || head->type > NGHTTP2_CONTINUATION) {
        self.count_control();
    }
    return 0;
}

int H2Codec::Callbacks::on_unknown_frame(
    nghttp2_session* /*session*/, void** /*payload*/, const nghttp2_frame_hd* /*head*/, void* /*user*/
) {
    return NGHTTP2_ERR_CANCEL;
}

int H2Codec::Callbacks::on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
        return 0;
    }
    return guarded([&] {
        H2Codec& self = codec(user);
        if (self.live_ >= self.limits_.max_streams) {
            const std::int32_t id = frame->hd.stream_id;
            if (nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM) != 0) {
                throw std::bad_alloc();
            }
            return;
        }
        auto stream = self.pool_.take();
        stream->id = frame->hd.stream_id;
        if (nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream.get()) != 0) {
            throw std::bad_alloc();
        }
        self.open(*stream.release());
    });
}

int H2Codec::Callbacks::on_header(
    nghttp2_session* session,
    const nghttp2_frame* frame,
    const std::uint8_t* name,
    std::size_t name_size,
    const std::uint8_t* value,
    std::size_t value_size,
    std::uint8_t /*flags*/,
    void* user
) {
    H2Stream* stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr) {
        return 0;
    }
    return guarded([&] {
        const HttpLimits& limits = codec(user).limits_;
        if (stream->stage == H2Stage::head) {
            take_field(*stream, text_of(name, name_size), text_of(value, value_size), limits);
        } else {
            count_field(*stream, text_of(name, name_size), text_of(value, value_size), limits);
        }
    });
}

int H2Codec::Callbacks::on_data(
    nghttp2_session* session,
    std::uint8_t /*flags*/,
    std::int32_t id,
    const std::uint8_t* bytes,
    std::size_t size,
    void* user
) {
    H2Stream* stream = stream_of(session, id);
    return guarded([&] {
        if (stream != nullptr && stream->stage == H2Stage::body) {
            codec(user).take_body(*stream, text_of(bytes, size));
        } else {
            codec(user).consume(size);
        }
    });
}

int H2Codec::Callbacks::on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    return guarded([&] { codec(user).take_frame(stream_of(session, frame->hd.stream_id), *frame); });
}

int H2Codec::Callbacks::on_sent(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    const nghttp2_frame_hd& head = frame->hd;
    if (head.type == NGHTTP2_RST_STREAM && frame->rst_stream.error_code == NGHTTP2_FLOW_CONTROL_ERROR) {
        // A setting that makes a window too large is an error of the connection (RFC 9113, section 6.9.2), for which
        // nghttp2 resets the stream.
        codec(user).fault_ = NGHTTP2_FLOW_CONTROL_ERROR;
        return 0;
    }
    if (head.type == NGHTTP2_RST_STREAM && frame->rst_stream.error_code != NGHTTP2_NO_ERROR) {
        // A client that makes us reset costs as much as one that resets.
        codec(user).count_reset();
        return 0;
    }
    const bool ends =
        (head.type == NGHTTP2_DATA || head.type == NGHTTP2_HEADERS) && (head.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    const H2Stream* stream = ends ? stream_of(session, head.stream_id) : nullptr;
    if (stream != nullptr && !stream->ended) {
        // Answered before the request was complete: the rest is not wanted (RFC 9113, section 8.1).
        return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, head.stream_id, NGHTTP2_NO_ERROR) == 0
                   ? 0
                   : NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    return 0;
}

int H2Codec::Callbacks::on_stream_close(
    nghttp2_session* session, std::int32_t id, std::uint32_t /*error*/, void* user
) {
    H2Stream* stream = stream_of(session, id);
    return stream == nullptr ? 0 : guarded([&] { codec(user).close(*stream); });
}

ssize_t H2Codec::Callbacks::read_answer(
    nghttp2_session* /*session*/,
    std::int32_t /*id*/,
    std::uint8_t* /*buffer*/,
    std::size_t most,
    std::uint32_t* flags,
    nghttp2_data_source* source,
    void* /*user*/
) {
    const auto& stream = *static_cast<const H2Stream*>(source->ptr);
    const std::size_t left = stream.answer.size() - stream.answered;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (left <= most) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return static_cast<ssize_t>(std::min(left, most));
}

/// Copies once, from the answer to where the socket's writer takes it.
int H2Codec::Callbacks::send_answer(
    nghttp2_session* /*session*/,
    nghttp2_frame* /*frame*/,
    const std::uint8_t* head,
    std::size_t size,
    nghttp2_data_source* source,
    void* user
) {
    constexpr std::size_t frame_head_size = 9;
    H2Codec& self = codec(user);
    auto& stream = *static_cast<H2Stream*>(source->ptr);
    const int copied = guarded([&] {
        self.out_->append(text_of(head, frame_head_size));
        self.out_->append(stream.answer, stream.answered, size);
    });
    stream.answered += size;
    self.held_ -= size;
    self.watch(stream, self.now_ + self.limits_.write_timeout);
    if (copied != 0) {
        return copied;
    }
    return self.out_->size() > self.most_ ? NGHTTP2_ERR_PAUSE : 0;
}

const nghttp2_session_callbacks* H2Codec::Callbacks::all() {
    static const std::unique_ptr<nghttp2_session_callbacks, decltype(&nghttp2_session_callbacks_del)> made(
        make(), nghttp2_session_callbacks_del
    );
    return made.get();
}

nghttp2_session_callbacks* H2Codec::Callbacks::make() {
    nghttp2_session_callbacks* calls = nullptr;
    if (nghttp2_session_callbacks_new(&calls) != 0) {
        throw std::bad_alloc();
    }
    nghttp2_session_callbacks_set_on_begin_frame_callback(calls, on_begin_frame);
    nghttp2_session_callbacks_set_unpack_extension_callback(calls, on_unknown_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(calls, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(calls, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(calls, on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(calls, on_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(calls, on_stream_close);
    nghttp2_session_callbacks_set_send_data_callback(calls, send_answer);
    return calls;
}

}  // namespace arngate::http
