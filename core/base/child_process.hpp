#pragma once

#include "core/base/secret.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace arngate {

/// What a program has for its standard input and its standard error.
enum class ChildStream : std::uint8_t {
    none,   ///< /dev/null
    shared  ///< ours
};

struct ChildOptions {
    std::chrono::milliseconds limit{60'000};
    std::size_t max_output_bytes = std::size_t{64} * 1024;
    ChildStream input = ChildStream::none;  ///< shared: the program may ask its user for something
    ChildStream errors = ChildStream::none;
    std::optional<std::vector<std::string>> environment{};  ///< "NAME=value"; nothing: that of this process
    std::stop_token stop{};                                 ///< ends the program early
};

struct ChildFailure {
    std::string what;         ///< goes on from the name of the program: "ended with status 3"
    bool is_missing = false;  ///< there is no such program
};

/// Runs a program, found along PATH, without a shell and with the signals of a shell's child, and gives what it wrote
/// to its standard output when it ends with status 0. A program that does not end in time or writes too much is killed.
/// `words` are its name and its arguments. Blocks; any thread. The failure shows nothing of the output or
/// the arguments.
[[nodiscard]] std::expected<Secret, ChildFailure> run_program(
    const std::vector<std::string>& words, const ChildOptions& options
);

}  // namespace arngate
