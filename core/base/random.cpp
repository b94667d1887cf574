#include "core/base/random.hpp"

#include <openssl/rand.h>

#include <cassert>
#include <random>
#include <stdexcept>

namespace arngate {

void random_bytes(std::span<unsigned char> out) {
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) {
        throw std::runtime_error("OpenSSL's random generator failed: the system gives no entropy");
    }
}

std::array<unsigned char, 32> random_key() {
    std::array<unsigned char, 32> key{};
    random_bytes(key);
    return key;
}

std::uint64_t random_below(std::uint64_t bound) {
    assert(bound != 0);
    thread_local std::minstd_rand engine{std::random_device{}()};
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine);
}

double random_draw() {
    constexpr std::uint64_t steps = std::uint64_t{1} << 32U;
    return static_cast<double>(random_below(steps)) / static_cast<double>(steps);
}

}  // namespace arngate
