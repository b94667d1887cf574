#pragma once

#include "core/base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Dates as files and services of AWS write them. Pure.
namespace arngate::aws {

/// RFC 3339 ("2026-01-02T03:04:05Z", a fraction of a second and an offset "+01:00" allowed), and "UTC" in place of the
/// Z, as older tools wrote it. Fractions are cut off. What is later than the clock can hold becomes the year 2261.
[[nodiscard]] std::optional<WallTime> parse_timestamp(std::string_view text);

/// The Date of an HTTP answer in the form that servers send ("Fri, 02 Jan 2026 03:04:05 GMT", RFC 9110, 5.6.7). The
/// name of the day is not compared with the date.
[[nodiscard]] std::optional<WallTime> parse_http_date(std::string_view text);

/// How far a clock is from another, when it is more than a minute and may so be why a signature was refused: "17
/// minutes behind". Empty within a minute.
[[nodiscard]] std::string describe_skew(WallTime ours, WallTime theirs);

/// "2026-01-02T03:04:05Z"
[[nodiscard]] std::string format_timestamp(WallTime time);

}  // namespace arngate::aws
