#include "daemon/http/h2_request.hpp"

#include "core/base/text.hpp"
#include "daemon/http/request_target.hpp"

#include <charconv>
#include <limits>

namespace arngate::http {
namespace {

/// RFC 9113, section 6.5.2.
constexpr std::size_t field_overhead = 32;

std::uint64_t number_of(std::string_view digits) noexcept {
    std::uint64_t number = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = result.ec == std::errc{} && result.ptr == digits.data() + digits.size();
    return whole ? number : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

void count_field(H2Stream& stream, std::string_view name, std::string_view value, const HttpLimits& limits) noexcept {
    stream.header_bytes += name.size() + value.size() + field_overhead;
    if (stream.header_bytes > limits.max_header_bytes && stream.refusal == 0) {
        stream.refusal = 431;
    }
}

void take_field(H2Stream& stream, std::string_view name, std::string_view value, const HttpLimits& limits) {
    count_field(stream, name, value, limits);
    if (stream.refusal == 431) {
        return;  // nothing more of it is kept
    }
    if (name == ":method") {
        stream.method = value;
    } else if (name == ":path") {
        stream.path = value;
    } else if (name == ":scheme") {
        stream.scheme = value;
    } else if (name == ":authority") {
        stream.authority = value;
    } else if (name == "host") {
        stream.host = value;
    } else if (name == "content-length") {
        stream.length = number_of(value);
    } else if (name == "expect") {
        if (text::iequals(value, "100-continue")) {
            stream.expects_continue = true;
        } else if (stream.refusal == 0) {
            stream.refusal = 417;
        }
    }
}

unsigned check_head(const H2Stream& stream, const HttpLimits& limits) noexcept {
    if (stream.refusal != 0) {
        return stream.refusal;
    }
    const bool names_two = !stream.authority.empty() && !stream.host.empty() && stream.authority != stream.host;
    if (names_two || !is_host(stream.authority) || !is_host(stream.host)) {
        return 400;
    }
    if (!text::iequals(stream.scheme, "https") && !text::iequals(stream.scheme, "http")) {
        return 400;
    }
    if (!split_path(stream.path)) {
        return 400;  // CONNECT, which has none, and "*"
    }
    return stream.length > limits.max_body_bytes ? 413 : 0;
}

}  // namespace arngate::http
