#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>

namespace arngate::h2 {

/// nghttp2's bytes as text.
[[nodiscard]] inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) noexcept {
    return {reinterpret_cast<const char*>(bytes), size};
}

/// nghttp2's makers fail only where there is no memory: std::bad_alloc.
inline void check_made(int result) {
    if (result != 0) {
        throw std::bad_alloc();
    }
}

/// Calls a member function of the object that a session has as its user data, so that no exception gets into
/// nghttp2's frames: what is thrown is the callback's failure, and ends the session. A member that returns nothing
/// succeeds; else it returns what nghttp2 expects of the callback.
template <auto member, class Owner, class... Arguments>
[[nodiscard]] int call_member(void* user, Arguments... arguments) noexcept {
    try {
        auto& owner = *static_cast<Owner*>(user);
        if constexpr (std::is_void_v<std::invoke_result_t<decltype(member), Owner&, Arguments...>>) {
            std::invoke(member, owner, arguments...);
            return 0;
        } else {
            return std::invoke(member, owner, arguments...);
        }
    } catch (const std::exception&) {
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
}

/// What nghttp2 calls on behalf of an Owner: one table, made once, serves all sessions. Each setter takes the member
/// function to call as a template argument; its parameters are those in the comment, and it returns nothing or a code
/// of nghttp2. What an Owner does not care about is not set.
template <class Owner>
class CallbackTable {
public:
    /// Throws std::bad_alloc.
    CallbackTable() {
        nghttp2_session_callbacks* made = nullptr;
        check_made(nghttp2_session_callbacks_new(&made));
        table_.reset(made);
    }

    /// For what has no setter here.
    [[nodiscard]] nghttp2_session_callbacks* get() const noexcept { return table_.get(); }

    /// The head of any frame has come: (const nghttp2_frame_hd&).
    template <auto member>
    CallbackTable& on_begin_frame() {
        nghttp2_session_callbacks_set_on_begin_frame_callback(
            get(),
            [](nghttp2_session* /*session*/, const nghttp2_frame_hd* head, void* user) {
                return call_member<member, Owner, const nghttp2_frame_hd&>(user, *head);
            }
        );
        return *this;
    }

    /// A header block begins: (const nghttp2_frame&).
    template <auto member>
    CallbackTable& on_begin_headers() {
        nghttp2_session_callbacks_set_on_begin_headers_callback(get(), frame_call<member>);
        return *this;
    }

    /// One field of a header block: (const nghttp2_frame&, std::string_view name, std::string_view value).
    template <auto member>
    CallbackTable& on_header() {
        nghttp2_session_callbacks_set_on_header_callback(get(), header_call<member>);
        return *this;
    }

    /// A field that RFC 9113 does not allow, which nghttp2 leaves out where nothing is set; else as `on_header`.
    template <auto member>
    CallbackTable& on_invalid_header() {
        nghttp2_session_callbacks_set_on_invalid_header_callback(get(), header_call<member>);
        return *this;
    }

    /// Bytes of a body: (std::int32_t stream, std::string_view bytes).
    template <auto member>
    CallbackTable& on_data() {
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
            get(),
            [](nghttp2_session* /*session*/,
               std::uint8_t /*flags*/,
               std::int32_t id,
               const std::uint8_t* bytes,
               std::size_t size,
               void* user) {
                return call_member<member, Owner, std::int32_t, std::string_view>(user, id, text_of(bytes, size));
            }
        );
        return *this;
    }

    /// A frame has come whole, a header block with all of its fields: (const nghttp2_frame&).
    template <auto member>
    CallbackTable& on_frame() {
        nghttp2_session_callbacks_set_on_frame_recv_callback(get(), frame_call<member>);
        return *this;
    }

    /// A frame was taken as output: (const nghttp2_frame&).
    template <auto member>
    CallbackTable& on_sent() {
        nghttp2_session_callbacks_set_on_frame_send_callback(get(), frame_call<member>);
        return *this;
    }

    /// A stream is closed: (std::int32_t stream, std::uint32_t error of RFC 9113, section 7).
    template <auto member>
    CallbackTable& on_stream_close() {
        nghttp2_session_callbacks_set_on_stream_close_callback(
            get(),
            [](nghttp2_session* /*session*/, std::int32_t id, std::uint32_t error, void* user) {
                return call_member<member, Owner, std::int32_t, std::uint32_t>(user, id, error);
            }
        );
        return *this;
    }

private:
    struct Freer {
        void operator()(nghttp2_session_callbacks* table) const noexcept { nghttp2_session_callbacks_del(table); }
    };

    template <auto member>
    static int frame_call(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
        return call_member<member, Owner, const nghttp2_frame&>(user, *frame);
    }

    template <auto member>
    static int header_call(
        nghttp2_session* /*session*/,
        const nghttp2_frame* frame,
        const std::uint8_t* name,
        std::size_t name_size,
        const std::uint8_t* value,
        std::size_t value_size,
        std::uint8_t /*flags*/,
        void* user
    ) {
        return call_member<member, Owner, const nghttp2_frame&, std::string_view, std::string_view>(
            user, *frame, text_of(name, name_size), text_of(value, value_size)
        );
    }

    std::unique_ptr<nghttp2_session_callbacks, Freer> table_;
};

}  // namespace arngate::h2
