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
        // Most runs are long: one branch for some bytes together.
        while (text.size() - length >= block && has_block(text.data() + length)) {
            length += block;
        }
        while (length < text.size() && contains(text[length])) {
            ++length;
        }
        return length;
    }

private:
    static constexpr std::size_t block = 8;

    [[nodiscard]] constexpr bool has_block(const char* bytes) const noexcept {
        unsigned all = 1;
        for (std::size_t i = 0; i < block; ++i) {
            all &= in(bytes[i]);
        }
        return all != 0;
    }
    [[nodiscard]] constexpr unsigned char in(char c) const noexcept { return in_[static_cast<unsigned char>(c)]; }

    std::array<unsigned char, 256> in_{};
};

}  // namespace arngate::text
