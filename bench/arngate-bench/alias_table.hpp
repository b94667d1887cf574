#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace arngate::bench {

using Random = std::mt19937_64;

/// Draws an index with a probability in proportion to its weight, in constant time (Vose's alias method). Immutable, so
/// threads may share one, each with a generator of its own.
class AliasTable {
public:
    /// Weights are finite, not negative, and not all 0; there are fewer than 2^32.
    explicit AliasTable(std::span<const double> weights);

    [[nodiscard]] std::size_t draw(Random& random) const;
    [[nodiscard]] std::size_t size() const noexcept { return keep_.size(); }

private:
    std::vector<double> keep_;          ///< probability of staying with the index that was drawn evenly
    std::vector<std::uint32_t> other_;  ///< what is taken otherwise
};

/// Zipf's law: the weight of the kth of `count` is 1 / k^exponent. Exponent 0 is uniform.
[[nodiscard]] std::vector<double> zipf_weights(std::size_t count, double exponent);

}  // namespace arngate::bench
