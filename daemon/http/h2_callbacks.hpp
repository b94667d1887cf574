#pragma once

#include "daemon/http/h2_codec.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace arngate::http {

/// What nghttp2 calls on behalf of one H2Codec, its user data. Each call records and returns; what is thrown inside
/// ends the connection. For the codec alone.
struct H2Codec::Callbacks {
    /// All of them, made once, for every session.
    [[nodiscard]] static const nghttp2_session_callbacks* all();
    /// The stream that the codec opened under this id; null if it is gone.
    [[nodiscard]] static H2Stream* stream_of(nghttp2_session* session, std::int32_t id) noexcept;

    /// How much of the answer of `source`, an H2Stream, goes into the next frame.
    static ssize_t read_answer(
        nghttp2_session* session,
        std::int32_t id,
        std::uint8_t* buffer,
        std::size_t most,
        std::uint32_t* flags,
        nghttp2_data_source* source,
        void* user
    );

private:
    static H2Codec& codec(void* user) noexcept { return *static_cast<H2Codec*>(user); }

    static int on_begin_frame(nghttp2_session* session, const nghttp2_frame_hd* head, void* user);
    static int on_unknown_frame(nghttp2_session* session, void** payload, const nghttp2_frame_hd* head, void* user);
    static int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user);
    static int on_header(
        nghttp2_session* session,
        const nghttp2_frame* frame,
        const std::uint8_t* name,
        std::size_t name_size,
        const std::uint8_t* value,
        std::size_t value_size,
        std::uint8_t flags,
        void* user
    );
    static int on_data(
        nghttp2_session* session,
        std::uint8_t flags,
        std::int32_t id,
        const std::uint8_t* bytes,
        std::size_t size,
        void* user
    );
    static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user);
    static int on_sent(nghttp2_session* session, const nghttp2_frame* frame, void* user);
    static int on_stream_close(nghttp2_session* session, std::int32_t id, std::uint32_t error, void* user);
    static int send_answer(
        nghttp2_session* session,
        nghttp2_frame* frame,
        const std::uint8_t* head,
        std::size_t size,
        nghttp2_data_source* source,
        void* user
    );
    [[nodiscard]] static nghttp2_session_callbacks* make();
};

/// nghttp2's bytes as text.
[[nodiscard]] inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) noexcept {
    return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace arngate::http
