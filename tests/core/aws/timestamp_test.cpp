#include "core/aws/timestamp.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace arngate::aws {
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

TEST(Timestamp, ReadsTheDateOfAnHttpAnswer) {
    EXPECT_EQ(parse_http_date("Fri, 02 Jan 2026 03:04:05 GMT"), parse_timestamp("2026-01-02T03:04:05Z"));
    EXPECT_EQ(parse_http_date("Thu, 31 Dec 2026 23:59:59 GMT"), parse_timestamp("2026-12-31T23:59:59Z"));
    for (const std::string_view text :
         {"",
          "Fri, 02 Jan 2026 03:04:05 UTC",
          "Fri, 02 Jan 2026 03:04:05 GMT ",
          "Fri, 2 Jan 2026 03:04:05 GMT",
          "Fri, 02 jan 2026 03:04:05 GMT",
          "Fri, 31 Feb 2026 03:04:05 GMT",
          "Fri, 02 Jan 2026 25:04:05 GMT",
          "Fri, 02 Jan 2026 03-04-05 GMT",
          "Friday, 02-Jan-26 03:04:05 GMT",
          "Fri Jan  2 03:04:05 2026"}) {
        EXPECT_FALSE(parse_http_date(text)) << text;
    }
}

TEST(Timestamp, SaysHowFarClocksAreApart) {
    using namespace std::chrono_literals;
    const WallTime now = *parse_timestamp("2026-01-02T03:04:05Z");
    EXPECT_EQ(describe_skew(now, now), "");
    EXPECT_EQ(describe_skew(now + 60s, now), "");
    EXPECT_EQ(describe_skew(now - 60s, now), "");
    EXPECT_EQ(describe_skew(now + 61s, now), "1 minutes ahead");
    EXPECT_EQ(describe_skew(now - 17min, now), "17 minutes behind");
    EXPECT_EQ(describe_skew(now + 5h, now), "5 hours ahead");
    EXPECT_EQ(describe_skew(now - 72h, now), "3 days behind");
}

}  // namespace
}  // namespace arngate::aws
