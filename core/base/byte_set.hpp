#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace arngate::text {

/// A set of bytes, made at compile time: for writers that copy runs of plain bytes and escape the others.
class ByteSet {
public:
    /// The bytes for which `belongs(char)` holds.
    template <class Predicate>
    explicit consteval ByteSet(Predicate belongs) {
        for (std::size_t byte = 0; byte < in_.size(); ++byte) {
            in_[byte] = belongs(static_cast<char>(byte)) ? 1 : 0;
        }
    }

    [[nodiscard]] constexpr bool contains(char c) const noexcept { return in(c) != 0; }
    [[nodiscard]] constexpr bool contains_all(std::string_view text) const noexcept {
        return run_length(text) == text.size();
    }

    /// How many bytes at the front of `text` are in the set.
    [[nodiscard]] constexpr std::size_t run_length(std::string_view text) const noexcept {
        std::size_t length = 0;
        // Four at a time, since most runs are long: one branch for all of them.
        while (text.size() - length >= 4 &&
               (in(text[length]) & in(text[length + 1]) & in(text[length + 2]) & in(text[length + 3])) != 0) {
            length += 4;
        }
        while (length < text.size() && contains(text[length])) {
            ++length;
        }
        return length;
    }

private:
    [[nodiscard]] constexpr unsigned char in(char c) const noexcept { return in_[static_cast<unsigned char>(c)]; }

    std::array<unsigned char, 256> in_{};
};

}  // namespace arngate::text
