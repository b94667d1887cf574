#pragma once

#include "core/base/clock.hpp"
#include "daemon/http/exchange.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace arngate::http {

/// The Date of answers (RFC 9110, section 6.6.1), made anew once a second. One a loop.
class DateLine {
public:
    /// "Tue, 24 Nov 2026 22:57:05 GMT". Good until the next call.
    [[nodiscard]] std::string_view at(WallTime now);

private:
    WallTime second_ = WallTime::min();
    std::string text_;
};

enum class Ending : std::uint8_t {
    keep_alive,       ///< of HTTP/1.1: nothing needs to be said
    keep_alive_said,  ///< of HTTP/1.0: the client asked for it and wants to be told
    close,
};

enum class BodyPart : std::uint8_t { sent, left_out };

/// Appends an answer in the form of HTTP/1.1 to `out`. With `left_out` (HEAD) the body's length is said, not its bytes.
void append_response(std::string& out, const Response& response, std::string_view date, Ending ending, BodyPart body);

}  // namespace arngate::http
