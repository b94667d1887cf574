#include "core/credentials/timestamp.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace arngate::credentials {
namespace {

using namespace std::chrono_literals;

TEST(Timestamp, ReadsTheFormsOfTheTools) {
    const WallTime time = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 3h + 4min + 5s;
    for (const char* text :
         {"2026-01-02T03:04:05Z",
          "2026-01-02T03:04:05UTC",
          "2026-01-02T03:04:05.123456789Z",
          "2026-01-02T04:34:05+01:30",
          "2026-01-01T22:04:05.5-05:00"}) {
        EXPECT_EQ(parse_timestamp(text), time) << text;
    }
    EXPECT_EQ(format_timestamp(time), "2026-01-02T03:04:05Z");
}

TEST(Timestamp, TakesWhatTheClockCannotHoldAsFarAhead) {
    EXPECT_EQ(format_timestamp(parse_timestamp("9999-12-31T23:59:59Z").value()), "2261-12-31T23:59:59Z");
    EXPECT_EQ(format_timestamp(parse_timestamp("2261-12-31T23:59:59Z").value()), "2261-12-31T23:59:59Z");
}

TEST(Timestamp, RefusesAllElse) {
    for (const char* text :
         {"",
          "soon",
          "2026-01-02T03:04:05",
          "2026-01-02 03:04:05Z",
          "2026-13-02T03:04:05Z",
          "2026-02-30T03:04:05Z",
          "2026-01-02T24:04:05Z",
          "2026-01-02T03:04:05.Z",
          "2026-01-02T03:04:05.1234567890Z",
          "2026-01-02T03:04:05+1:00",
          "2026-01-02T03:04:05+24:00",
          "2026-01-02T03:04:05+01:60",
          "2026-01-02T03:04:05z",
          "2026-01-02T03:04:05Zx",
          "x026-01-02T03:04:05Z"}) {
        EXPECT_FALSE(parse_timestamp(text)) << text;
    }
}

}  // namespace
}  // namespace arngate::credentials
