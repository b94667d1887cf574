#include "core/review/rfc3339.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace arngate::review {
namespace {

TEST(Rfc3339, AcceptsDates) {
    for (const std::string_view text :
         {"2024-01-02T03:04:05Z",
          "2024-02-29T23:59:59Z",
          "0001-01-01T00:00:00Z",
          "2024-01-02T03:04:05.123456789Z",
          "2024-01-02T03:04:05+00:00",
          "2024-01-02T03:04:05.5-23:59"}) {
        EXPECT_TRUE(is_rfc3339(text)) << text;
    }
}

TEST(Rfc3339, RefusesTheRest) {
    for (const std::string_view text :
         {"",
          "zz",
          "2024-01-02",
          "2024-01-02T03:04:05",
          "2024-01-02 03:04:05Z",
          "2024-01-02t03:04:05z",
          "2023-02-29T00:00:00Z",
          "2024-13-01T00:00:00Z",
          "2024-00-01T00:00:00Z",
          "2024-01-00T00:00:00Z",
          "2024-01-02T24:00:00Z",
          "2024-01-02T00:60:00Z",
          "2024-01-02T00:00:60Z",
          "2024-01-02T00:00:00.Z",
          "2024-01-02T00:00:00+24:00",
          "2024-01-02T00:00:00+00:60",
          "2024-01-02T00:00:00+0000",
          "2024-01-02T00:00:00Z ",
          "24-01-02T00:00:00Z",
          "+024-01-02T00:00:00Z"}) {
        EXPECT_FALSE(is_rfc3339(text)) << text;
    }
}

}  // namespace
}  // namespace arngate::review
