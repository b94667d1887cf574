#pragma once

#include "core/base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Dates as files and services of AWS write them. Pure.
namespace arngate::credentials {

/// RFC 3339 ("2026-01-02T03:04:05Z", a fraction of a second and an offset "+01:00" allowed), and "UTC" in place of the
/// Z, as older tools wrote it. Fractions are cut off. What is later than the clock can hold becomes the year 2261.
[[nodiscard]] std::optional<WallTime> parse_timestamp(std::string_view text);

/// "2026-01-02T03:04:05Z"
[[nodiscard]] std::string format_timestamp(WallTime time);

}  // namespace arngate::credentials
