#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace arngate {

/// Fills with bytes of OpenSSL's generator. Throws std::runtime_error if the generator has no entropy, which no caller
/// can mend.
void random_bytes(std::span<unsigned char> out);

/// A fresh 256-bit key.
[[nodiscard]] std::array<unsigned char, 32> random_key();

/// A number from [0, bound), for jitter; not for keys. `bound` must not be 0. Thread-safe.
[[nodiscard]] std::uint64_t random_below(std::uint64_t bound);

/// A number from [0, 1), for the same and as thread-safe.
[[nodiscard]] double random_draw();

}  // namespace arngate
