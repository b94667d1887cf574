#include "core/h2/session.hpp"

#include <algorithm>
#include <cstddef>

namespace arngate::h2 {
namespace {

/// nghttp2 takes what it only reads as something that it could write to.
std::uint8_t* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

ssize_t read_body(
    nghttp2_session* /*session*/,
    std::int32_t /*id*/,
    std::uint8_t* buffer,
    std::size_t most,
    std::uint32_t* flags,
    nghttp2_data_source* source,
    void* /*user*/
) {
    auto& unsent = *static_cast<std::string_view*>(source->ptr);
    const std::size_t count = std::min(unsent.size(), most);
    std::copy_n(unsent.data(), count, buffer);
    unsent.remove_prefix(count);
    if (unsent.empty()) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return static_cast<ssize_t>(count);
}

}  // namespace

Options make_options() {
    nghttp2_option* made = nullptr;
    check_made(nghttp2_option_new(&made));
    return Options(made);
}

bool receive(nghttp2_session& session, std::string_view bytes) noexcept {
    return nghttp2_session_mem_recv(&session, bytes_of(bytes), bytes.size()) >= 0;
}

std::optional<std::string_view> next_output(nghttp2_session& session) noexcept {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(&session, &bytes);
    if (size < 0) {
        return std::nullopt;
    }
    return text_of(bytes, static_cast<std::size_t>(size));
}

nghttp2_nv field(std::string_view name, std::string_view value, std::uint8_t flags) noexcept {
    return {
        .name = bytes_of(name),
        .value = bytes_of(value),
        .namelen = name.size(),
        .valuelen = value.size(),
        .flags = flags,
    };
}

nghttp2_data_provider body_of(std::string_view& unsent) noexcept {
    return {.source = {.ptr = &unsent}, .read_callback = read_body};
}

}  // namespace arngate::h2
