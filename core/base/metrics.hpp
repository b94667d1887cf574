#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Instruments for the hot path (atomics, no locks), exposed through prometheus-cpp's collection and text format.
namespace arngate {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

class Counter {
public:
    void add(std::uint64_t amount = 1) noexcept { value_.fetch_add(amount, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

class Gauge {
public:
    void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }
    void add(double amount) noexcept { value_.fetch_add(amount, std::memory_order_relaxed); }
    [[nodiscard]] double value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<double> value_{0};
};

class Histogram {
public:
    /// `bounds` ascending, without +Inf.
    explicit Histogram(std::span<const double> bounds);

    void observe(double value) noexcept;
    [[nodiscard]] prometheus::ClientMetric::Histogram snapshot() const;
    [[nodiscard]] std::uint64_t count() const noexcept;

private:
    std::vector<double> bounds_;
    std::vector<std::atomic<std::uint64_t>> buckets_;  ///< one more than bounds: the last is +Inf
    std::atomic<double> sum_{0};
};

/// Counters of one name whose label values come at run time. At most `max_series`; what comes after is counted under
/// the value "other" in every label, so that no peer can make series at will.
class CounterFamily {
public:
    CounterFamily(std::vector<std::string> label_names, std::size_t max_series)
        : label_names_(std::move(label_names)), max_series_(max_series) {}

    /// The counter for these values, in the order of the label names. Thread-safe; the reference stays valid.
    [[nodiscard]] Counter& with(std::initializer_list<std::string_view> values);
    [[nodiscard]] std::vector<prometheus::ClientMetric> collect() const;

private:
    std::vector<std::string> label_names_;
    std::size_t max_series_;
    mutable std::shared_mutex mutex_;
    std::map<std::vector<std::string>, std::unique_ptr<Counter>, std::less<>> series_;
};

/// All metrics of one process (or of one test). Instruments live as long as the registry; asking again for the same
/// name and labels gives the same instrument. Registration takes a lock, the instruments do not.
class MetricsRegistry final : public prometheus::Collectable {
public:
    [[nodiscard]] Counter& counter(std::string_view name, std::string_view help, MetricLabels labels = {});
    [[nodiscard]] Gauge& gauge(std::string_view name, std::string_view help, MetricLabels labels = {});
    [[nodiscard]] Histogram& histogram(
        std::string_view name, std::string_view help, std::span<const double> bounds, MetricLabels labels = {}
    );
    [[nodiscard]] CounterFamily& counter_family(
        std::string_view name, std::string_view help, std::vector<std::string> label_names, std::size_t max_series = 256
    );
    /// A gauge (or counter) whose value is asked for at each scrape.
    void callback(
        std::string_view name,
        std::string_view help,
        prometheus::MetricType type,
        std::function<double()> value,
        MetricLabels labels = {}
    );

    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;
    /// Prometheus text format 0.0.4.
    [[nodiscard]] std::string text() const;

private:
    struct Series;
    struct Family;
    Family& family(std::string_view name, std::string_view help, prometheus::MetricType type);
    Series& series(Family& family, MetricLabels labels);

    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Family>, std::less<>> families_;
};

/// Buckets of latencies in seconds, those that the Go server uses.
[[nodiscard]] std::span<const double> latency_buckets() noexcept;

/// process_* metrics of the Prometheus conventions: CPU, memory, descriptors, start time.
void register_process_metrics(MetricsRegistry& registry);

}  // namespace arngate
