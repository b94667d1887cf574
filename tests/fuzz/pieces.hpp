#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace arngate::fuzz {

/// How many bytes of `stream`, from `at` on, the next read brings: `step`, or what there is room for.
/// No piece ends right behind "0\r\n". With assertions on, Beast 1.81 stops the program when the header of the last
/// chunk has come so far and is looked at again with less than two bytes more (parse_chunk_header, `n >= 5`); the code
/// behind the assertion copes, and release builds have no assertions.
[[nodiscard]] inline std::size_t piece_size(
    std::string_view stream, std::size_t at, std::size_t step, std::size_t room
) {
    const std::size_t size = std::min({step, room, stream.size() - at});
    if (!stream.substr(0, at + size).ends_with("0\r\n") || at + size == stream.size()) {
        return size;
    }
    return size < room ? size + 1 : size - 1;
}

}  // namespace arngate::fuzz
