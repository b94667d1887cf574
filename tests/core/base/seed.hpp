#pragma once

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string_view>

namespace arngate {

/// The seed of one property test: ARNGATE_TEST_SEED if set, else a fresh one. Printed, so that a failure can be had
/// again.
[[nodiscard]] inline std::uint64_t test_seed() {
    std::uint64_t seed = 0;
    const char* wanted = std::getenv("ARNGATE_TEST_SEED");
    const std::string_view text(wanted == nullptr ? "" : wanted);
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seed);
    if (text.empty() || parsed.ec != std::errc()) {
        seed = std::random_device{}();
    }
    std::cout << "ARNGATE_TEST_SEED=" << seed << '\n';
    return seed;
}

/// Choices of a property test.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}

    [[nodiscard]] std::size_t below(std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine_);
    }
    [[nodiscard]] bool coin() { return below(2) == 0; }
    template <class Range>
    [[nodiscard]] const auto& pick(const Range& range) {
        return range[below(range.size())];
    }
    [[nodiscard]] std::mt19937_64& engine() { return engine_; }

private:
    std::mt19937_64 engine_;
};

}  // namespace arngate
