#include "bench/arngate-bench/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

namespace arngate::bench {
namespace {

constexpr unsigned linear_bits = 8;                                // values of this width have a bucket each
constexpr std::uint64_t linear = std::uint64_t{1} << linear_bits;  // 256
constexpr std::uint64_t half = linear / 2;                         // buckets a power of two
constexpr unsigned value_bits = 42;
constexpr std::size_t bucket_count = linear + (value_bits - linear_bits) * half;

std::size_t index_of(std::uint64_t value) {
    if (value < linear) {
        return static_cast<std::size_t>(value);
    }
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - linear_bits;
    return static_cast<std::size_t>(linear + (shift - 1) * half + ((value >> shift) - half));
}

std::uint64_t low_of(std::size_t index) {
    if (index < linear) {
        return index;
    }
    const std::uint64_t above = index - linear;
    return (half + above % half) << (above / half + 1);
}

std::uint64_t high_of(std::size_t index) {
    return index < linear ? index : low_of(index) + (std::uint64_t{1} << ((index - linear) / half + 1)) - 1;
}

}  // namespace

Histogram::Histogram() : counts_(bucket_count) {}

void Histogram::record(std::uint64_t nanoseconds, std::uint64_t times) noexcept {
    const std::uint64_t value = std::min(nanoseconds, max_value);
    counts_[index_of(value)] += times;
    count_ += times;
    sum_ += static_cast<double>(value) * static_cast<double>(times);
    if (times > 0) {
        max_ = std::max(max_, value);
    }
}

void Histogram::merge(const Histogram& other) noexcept {
    std::ranges::transform(counts_, other.counts_, counts_.begin(), std::plus<>());
    count_ += other.count_;
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
}

double Histogram::mean() const noexcept {
    return count_ == 0 ? 0.0 : sum_ / static_cast<double>(count_);
}

std::uint64_t Histogram::percentile(double percent) const noexcept {
    if (count_ == 0) {
        return 0;
    }
    const double wanted = std::ceil(std::clamp(percent, 0.0, 100.0) / 100.0 * static_cast<double>(count_));
    const std::uint64_t rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, count_);
    std::uint64_t seen = 0;
    for (std::size_t index = 0; index < counts_.size(); ++index) {
        seen += counts_[index];
        if (seen >= rank) {
            return std::min(high_of(index), max_);
        }
    }
    return max_;
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
    std::vector<Bucket> filled;
    for (std::size_t index = 0; index < counts_.size(); ++index) {
        if (counts_[index] != 0) {
            filled.push_back({.low = low_of(index), .high = high_of(index), .count = counts_[index]});
        }
    }
    return filled;
}

}  // namespace arngate::bench
