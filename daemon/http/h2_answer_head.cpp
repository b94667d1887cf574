#include "daemon/http/h2_answer_head.hpp"

#include "core/h2/session.hpp"

#include <charconv>

namespace arngate::http {
namespace {

template <std::size_t size>
std::string_view write_number(std::array<char, size>& into, std::size_t number) noexcept {
    const auto result = std::to_chars(into.data(), into.data() + into.size(), number);
    return {into.data(), result.ptr};
}

}  // namespace

H2AnswerHead::H2AnswerHead(const Response& response, std::size_t length, std::string_view date) {
    add(":status", write_number(status_, response.status), Value::temporary);
    if (!response.content_type.empty()) {
        add("content-type", response.content_type, Value::permanent);
    }
    if (response.no_sniff) {
        add("x-content-type-options", "nosniff", Value::permanent);
    }
    if (response.retry_after_seconds != 0) {
        add("retry-after", write_number(retry_after_, response.retry_after_seconds), Value::temporary);
    }
    if (!response.allow.empty()) {
        add("allow", response.allow, Value::permanent);
    }
    if (!response.location.empty()) {
        add("location", response.location, Value::temporary);
    }
    add("date", date, Value::temporary);
    add("content-length", write_number(length_, length), Value::temporary);
}

void H2AnswerHead::add(std::string_view name, std::string_view value, Value kind) {
    std::uint8_t flags = NGHTTP2_NV_FLAG_NO_COPY_NAME;
    if (kind == Value::permanent) {
        flags |= NGHTTP2_NV_FLAG_NO_COPY_VALUE;
    }
    fields_.at(count_++) = h2::field(name, value, flags);
}

nghttp2_nv continue_field() noexcept {
    return h2::field(":status", "100", NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE);
}

}  // namespace arngate::http
