#include "daemon/http/h1_writer.hpp"

#include "daemon/http/answers.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstddef>

namespace arngate::http {

std::string_view DateLine::at(WallTime now) {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (second == second_) {
        return text_;
    }
    // Names are of the protocol, not of a locale.
    static constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<std::string_view, 12> months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };
    const auto day = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(second - day);
    text_ = fmt::format(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        days[std::chrono::weekday(day).c_encoding()],
        static_cast<unsigned>(date.day()),
        months[static_cast<unsigned>(date.month()) - 1],
        static_cast<int>(date.year()),
        time.hours().count(),
        time.minutes().count(),
        time.seconds().count()
    );
    second_ = second;
    return text_;
}

void append_response(std::string& out, const Response& response, std::string_view date, Ending ending, BodyPart body) {
    out.reserve(out.size() + response.body.size() + 320);
    const auto add = [&out](std::string_view name, std::string_view value) {
        out.append(name).append(value).append("\r\n");
    };
    const auto add_number = [&out](std::string_view name, std::size_t value) {
        const fmt::format_int digits(value);
        out.append(name).append(digits.data(), digits.size());
    };
    add_number("HTTP/1.1 ", response.status);
    add(" ", status_phrase(response.status));
    if (!response.content_type.empty()) {
        add("Content-Type: ", response.content_type);
    }
    if (response.no_sniff) {
        add("X-Content-Type-Options: ", "nosniff");
    }
    if (response.retry_after_seconds != 0) {
        add_number("Retry-After: ", response.retry_after_seconds);
        out += "\r\n";
    }
    if (!response.allow.empty()) {
        add("Allow: ", response.allow);
    }
    if (!response.location.empty()) {
        add("Location: ", response.location);
    }
    add("Date: ", date);
    if (ending != Ending::keep_alive) {
        add("Connection: ", ending == Ending::close ? "close" : "keep-alive");
    }
    add_number("Content-Length: ", response.body.size());
    out += "\r\n\r\n";
    if (body == BodyPart::sent) {
        out += response.body;
    }
}

}  // namespace arngate::http
