#pragma once

#include "core/base/clock.hpp"

#include <functional>
#include <iosfwd>
#include <iostream>

namespace arngate::cli {

/// What a command takes from the process it runs in, so that tests can run one without a process. Everything outlives
/// the command.
struct Surroundings {
    std::function<const char*(const char* name)> environment;
    std::ostream& out;
    std::ostream& err;
    const Clock& clock;
    std::istream& in = std::cin;
};

inline constexpr int success = 0;
inline constexpr int failure = 1;
/// Of commands that tell a wrong use apart from what they found: check.
inline constexpr int usage_error = 2;

}  // namespace arngate::cli
