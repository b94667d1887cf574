#pragma once

#include "daemon/http/h2_stream.hpp"
#include "daemon/http/limits.hpp"

#include <string_view>

/// What nghttp2 leaves to check of a request's head. Pure.
namespace arngate::http {

/// Notes one field of the head. A field that is too much, or that says what cannot be met, makes `refusal` a status.
/// nghttp2 has checked its form: pseudo-header fields first, none twice or unknown, no field of a connection, names in
/// lower case, content-length a number.
void take_field(H2Stream& stream, std::string_view name, std::string_view value, const HttpLimits& limits);

/// One more field of that size, of the head or the trailers (RFC 9113, section 6.5.2): 431 when they are too many.
void count_field(H2Stream& stream, std::string_view name, std::string_view value, const HttpLimits& limits) noexcept;

/// The head is complete. 0, or the status that refuses it: strict where two readings of one request are possible, as
/// for HTTP/1.
[[nodiscard]] unsigned check_head(const H2Stream& stream, const HttpLimits& limits) noexcept;

}  // namespace arngate::http
