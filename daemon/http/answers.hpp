#pragma once

#include "daemon/http/exchange.hpp"

#include <string_view>

/// Answers that any page may need.
namespace arngate::http {

inline constexpr std::string_view plain_text = "text/plain; charset=utf-8";

/// A plain-text error: the text, a line end, nosniff.
void fill_error(Response& response, unsigned status, std::string_view text);

/// 500 without a reason: the text of what went wrong may quote the request. Everything else in the response is lost.
void fill_internal_error(Response& response);

/// The standard phrase of a status, e.g. "Not Found".
[[nodiscard]] std::string_view status_phrase(unsigned status) noexcept;

}  // namespace arngate::http
