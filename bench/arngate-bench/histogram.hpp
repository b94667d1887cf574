#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace arngate::bench {

/// Counts of durations in log-linear buckets (the scheme of HdrHistogram): exact below 256 ns, above that 128 buckets
/// for each power of two, so that a reported value is never below the true one and less than 1/128 above it. Values
/// beyond `max_value` count as `max_value`. About 35 KiB; not thread-safe.
class Histogram {
public:
    /// Nanoseconds; a bit over 73 minutes.
    static constexpr std::uint64_t max_value = (std::uint64_t{1} << 42U) - 1;

    Histogram();

    void record(std::uint64_t nanoseconds) noexcept { record(nanoseconds, 1); }
    void record(std::uint64_t nanoseconds, std::uint64_t times) noexcept;
    void merge(const Histogram& other) noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    /// Exact, unlike percentiles. 0 when nothing was recorded.
    [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
    /// Of the exact values. 0 when nothing was recorded.
    [[nodiscard]] double mean() const noexcept;
    /// The smallest recorded value, to bucket precision, that at least `percent` % (0 to 100) of all do not exceed.
    [[nodiscard]] std::uint64_t percentile(double percent) const noexcept;

    /// One bucket that holds something: its values lie in [low, high].
    struct Bucket {
        std::uint64_t low = 0;
        std::uint64_t high = 0;
        std::uint64_t count = 0;
    };
    /// In ascending order.
    [[nodiscard]] std::vector<Bucket> buckets() const;

private:
    std::vector<std::uint64_t> counts_;
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
    double sum_ = 0;
};

}  // namespace arngate::bench
