#pragma once

#include "core/base/secret.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <stop_token>
#include <string>
#include <vector>

namespace arngate::credentials {

/// What becomes of what a program writes to its standard error.
enum class ChildErrors : std::uint8_t {
    shown,     ///< it is ours: the program may ask its user for something; it reads our standard input too
    discarded  ///< for a server; standard input is empty
};

struct ChildOptions {
    std::chrono::milliseconds limit{60'000};
    std::size_t max_output_bytes = std::size_t{64} * 1024;
    ChildErrors errors = ChildErrors::discarded;
    std::stop_token stop{};  ///< ends the program early
};

/// Runs a program, found along PATH, without a shell, with the environment of this process, and gives what it wrote to
/// its standard output when it ends with status 0. A program that does not end in time or writes too much is killed.
/// Blocks. The error says what went wrong and shows nothing of the output or the arguments.
[[nodiscard]] std::expected<Secret, std::string> run_program(
    const std::vector<std::string>& words, const ChildOptions& options
);

}  // namespace arngate::credentials
