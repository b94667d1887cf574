#include "core/aws/timestamp.hpp"

#include "core/aws/sigv4.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace arngate::aws {

namespace {

/// "2026-01-02T03:04:05"
constexpr std::size_t plain_bytes = 19;
/// "+01:00"
constexpr std::size_t offset_bytes = 6;
constexpr std::size_t max_fraction_digits = 9;
/// The last whole year that the clock can hold; some write the year 9999 for "never".
constexpr std::string_view last_year = "2261";
constexpr int max_offset_hours = 23;
constexpr int max_offset_minutes = 59;

std::optional<int> two_digits(std::string_view text) {
    if (text.size() < 2 || !text::is_digit(text[0]) || !text::is_digit(text[1])) {
        return std::nullopt;
    }
    return ((text[0] - '0') * 10) + (text[1] - '0');
}

std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
    if (text == "Z" || text == "UTC") {
        return std::chrono::minutes(0);
    }
    if (text.size() != offset_bytes || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return std::nullopt;
    }
    const auto hours = two_digits(text.substr(1));
    const auto minutes = two_digits(text.substr(4));
    if (!hours || !minutes || *hours > max_offset_hours || *minutes > max_offset_minutes) {
        return std::nullopt;
    }
    const std::chrono::minutes offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return text[0] == '+' ? offset : -offset;
}

}  // namespace

std::optional<WallTime> parse_timestamp(std::string_view text) {
    if (text.size() <= plain_bytes || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') {
        return std::nullopt;
    }
    std::string_view rest = text.substr(plain_bytes);
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(rest, text::is_digit) - rest.begin());
        if (digits == 0 || digits > max_fraction_digits) {
            return std::nullopt;
        }
        rest.remove_prefix(digits);
    }
    const auto offset = parse_offset(rest);
    std::string compact(text.substr(0, plain_bytes));
    if (std::string_view(compact).substr(0, last_year.size()) > last_year && text::is_digit(compact.front())) {
        compact.replace(0, last_year.size(), last_year);
    }
    std::erase(compact, '-');
    std::erase(compact, ':');
    const auto local = parse_amz_date(compact + "Z");
    if (!offset || !local) {
        return std::nullopt;
    }
    return *local - *offset;
}

std::optional<WallTime> parse_http_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };
    constexpr std::string_view form = "Fri, 02 Jan 2026 03:04:05 GMT";
    if (text.size() != form.size() || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
        text[16] != ' ' || text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT") {
        return std::nullopt;
    }
    const auto* const month = std::ranges::find(months, text.substr(8, 3));
    if (month == months.end()) {
        return std::nullopt;
    }
    // The compact form, whose reader knows the calendar.
    return parse_amz_date(fmt::format(
        "{}{:02}{}T{}{}{}Z",
        text.substr(12, 4),
        (month - months.begin()) + 1,
        text.substr(5, 2),
        text.substr(17, 2),
        text.substr(20, 2),
        text.substr(23, 2)
    ));
}

std::string describe_skew(WallTime ours, WallTime theirs) {
    const auto apart = std::chrono::abs(std::chrono::floor<std::chrono::seconds>(ours - theirs));
    if (apart <= std::chrono::minutes(1)) {
        return {};
    }
    const std::string_view direction = ours < theirs ? "behind" : "ahead";
    if (apart < std::chrono::hours(2)) {
        return fmt::format("{} minutes {}", std::chrono::round<std::chrono::minutes>(apart).count(), direction);
    }
    if (apart < std::chrono::days(2)) {
        return fmt::format("{} hours {}", std::chrono::round<std::chrono::hours>(apart).count(), direction);
    }
    return fmt::format("{} days {}", std::chrono::round<std::chrono::days>(apart).count(), direction);
}

std::string format_timestamp(WallTime time) {
    return iso_date(time);
}

}  // namespace arngate::aws
