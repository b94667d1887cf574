#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string_view>

/// The entry point that libFuzzer and the replay program call (llvm.org/docs/LibFuzzer.html).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace arngate::fuzz {

[[nodiscard]] inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program, and so reports the input, when an invariant does not hold.
inline void check(bool holds, const std::source_location& where = std::source_location::current()) {
    if (!holds) {
        std::fprintf(stderr, "%s:%u: the invariant does not hold\n", where.file_name(), where.line());
        std::abort();
    }
}

}  // namespace arngate::fuzz
