#include "bench/arngate-bench/alias_table.hpp"

#include <cmath>
#include <numeric>

namespace arngate::bench {

AliasTable::AliasTable(std::span<const double> weights) : keep_(weights.size(), 1.0), other_(weights.size()) {
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    std::vector<double> scaled(weights.size());
    std::vector<std::uint32_t> small;
    std::vector<std::uint32_t> large;
    for (std::size_t index = 0; index < weights.size(); ++index) {
        scaled[index] = weights[index] * static_cast<double>(weights.size()) / sum;
        (scaled[index] < 1.0 ? small : large).push_back(static_cast<std::uint32_t>(index));
        other_[index] = static_cast<std::uint32_t>(index);
    }
    while (!small.empty() && !large.empty()) {
        const std::uint32_t poor = small.back();
        const std::uint32_t rich = large.back();
        small.pop_back();
        keep_[poor] = scaled[poor];
        other_[poor] = rich;
        scaled[rich] -= 1.0 - scaled[poor];
        if (scaled[rich] < 1.0) {
            large.pop_back();
            small.push_back(rich);
        }
    }
    // What is left has a share of 1 but for rounding, unless its weight is 0: that must never be drawn.
    for (const std::uint32_t index : small) {
        if (weights[index] == 0.0 && !large.empty()) {
            keep_[index] = 0.0;
            other_[index] = large.back();
        }
    }
}

std::size_t AliasTable::draw(Random& random) const {
    // One 64-bit number serves both choices: its high half the index (evenly enough below 2^32), its low half the coin.
    const std::uint64_t bits = random();
    const auto index = static_cast<std::size_t>(((bits >> 32U) * keep_.size()) >> 32U);
    const double coin = static_cast<double>(bits & 0xFFFF'FFFFU) / 4294967296.0;
    return coin < keep_[index] ? index : other_[index];
}

std::vector<double> zipf_weights(std::size_t count, double exponent) {
    std::vector<double> weights(count);
    for (std::size_t index = 0; index < count; ++index) {
        weights[index] = std::pow(static_cast<double>(index + 1), -exponent);
    }
    return weights;
}

}  // namespace arngate::bench
