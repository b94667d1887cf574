#pragma once

#include "bench/arngate-bench/run_options.hpp"

#include <string>
#include <variant>
#include <vector>

namespace arngate::bench {

struct CompareOptions {
    std::string before;
    std::string after;
    double tolerance = 0.1;
};

/// There is nothing more to do: help or the version was asked for, or the arguments are wrong.
struct Finished {
    int exit_status = 0;
    std::string out;
    std::string error;
};

/// Reads `arngate-bench`'s arguments, the program's name first. Options are settled.
[[nodiscard]] std::variant<RunOptions, CompareOptions, Finished> parse_command_line(std::vector<std::string> arguments);

}  // namespace arngate::bench
