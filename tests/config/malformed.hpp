#pragma once

#include "config/load.hpp"
#include "tests/config/temp_config.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>

namespace arngate::config::testing {

/// A file that is not taken, and what is said of it.
struct Malformed {
    std::string_view name;
    std::string_view text;      ///< behind a first line "clusterID: c"
    std::string_view problems;  ///< all of them, in order
};

inline constexpr std::string_view first_line = "clusterID: c\n";

/// That the file is not taken for just these problems.
inline void expect_problems(const TempConfig& file, std::string_view problems) {
    LoadRequest request;
    request.file = file.path();
    const auto loaded = load(request);
    if (loaded) {
        ADD_FAILURE() << "loads";
        return;
    }
    EXPECT_EQ(file.texts(loaded.error()), problems);
}

inline void expect_problems(std::span<const Malformed> cases) {
    for (const Malformed& test : cases) {
        SCOPED_TRACE(test.name);
        const TempConfig file(std::string(first_line) + std::string(test.text));
        expect_problems(file, test.problems);
    }
}

}  // namespace arngate::config::testing
