#include "core/base/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <ranges>
#include <sstream>
#include <stdexcept>
#include <string>

namespace arngate {

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()), buckets_(bounds.size() + 1) {}

void Histogram::observe(double value) noexcept {
    const auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(bounds_, value) - bounds_.begin());
    buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const noexcept {
    std::uint64_t total = 0;
    for (const auto& bucket : buckets_) {
        total += bucket.load(std::memory_order_relaxed);
    }
    return total;
}

prometheus::ClientMetric::Histogram Histogram::snapshot() const {
    prometheus::ClientMetric::Histogram out;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        total += buckets_[i].load(std::memory_order_relaxed);
        prometheus::ClientMetric::Bucket bucket;
        bucket.cumulative_count = total;
        bucket.upper_bound = i < bounds_.size() ? bounds_[i] : std::numeric_limits<double>::infinity();
        out.bucket.push_back(bucket);
    }
    out.sample_count = total;
    out.sample_sum = sum_.load(std::memory_order_relaxed);
    return out;
}

Counter& CounterFamily::with(std::initializer_list<std::string_view> values) {
    thread_local std::vector<std::string> key;  // keeps its memory: a look-up allocates nothing
    key.assign(values.begin(), values.end());
    {
        const std::shared_lock lock(mutex_);
        if (const auto found = series_.find(key); found != series_.end()) {
            return *found->second;
        }
    }
    const std::unique_lock lock(mutex_);
    if (series_.size() >= max_series_ && !series_.contains(key)) {
        key.assign(label_names_.size(), "other");
    }
    auto& slot = series_[key];
    if (slot == nullptr) {
        slot = std::make_unique<Counter>();
    }
    return *slot;
}

std::vector<prometheus::ClientMetric> CounterFamily::collect() const {
    std::vector<prometheus::ClientMetric> out;
    const std::shared_lock lock(mutex_);
    for (const auto& [values, counter] : series_) {
        prometheus::ClientMetric metric;
        for (std::size_t i = 0; i < label_names_.size(); ++i) {
            metric.label.push_back({label_names_[i], values[i]});
        }
        metric.counter.value = static_cast<double>(counter->value());
        out.push_back(std::move(metric));
    }
    return out;
}

struct MetricsRegistry::Series {
    MetricLabels labels;
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Gauge> gauge;
    std::unique_ptr<Histogram> histogram;
    std::function<double()> callback;
};

struct MetricsRegistry::Family {
    std::string help;
    prometheus::MetricType type = prometheus::MetricType::Untyped;
    std::vector<std::unique_ptr<Series>> series;
    std::unique_ptr<CounterFamily> dynamic;
};

MetricsRegistry::Family& MetricsRegistry::family(
    std::string_view name, std::string_view help, prometheus::MetricType type
) {
    auto found = families_.find(name);
    if (found == families_.end()) {
        auto fresh = std::make_shared<Family>();
        fresh->help = help;
        fresh->type = type;
        found = families_.emplace(std::string(name), std::move(fresh)).first;
    } else if (found->second->type != type) {
        throw std::logic_error("metric " + std::string(name) + " is registered twice with different types");
    }
    return *found->second;
}

MetricsRegistry::Series& MetricsRegistry::series(Family& family, MetricLabels labels) {
    const auto same = [&](const auto& series) { return series->labels == labels; };
    const auto found = std::ranges::find_if(family.series, same);
    if (found != family.series.end()) {
        return **found;
    }
    family.series.push_back(std::make_unique<Series>());
    family.series.back()->labels = std::move(labels);
    return *family.series.back();
}

Counter& MetricsRegistry::counter(std::string_view name, std::string_view help, MetricLabels labels) {
    const std::scoped_lock lock(mutex_);
    Series& s = series(family(name, help, prometheus::MetricType::Counter), std::move(labels));
    if (s.counter == nullptr) {
        s.counter = std::make_unique<Counter>();
    }
    return *s.counter;
}

Gauge& MetricsRegistry::gauge(std::string_view name, std::string_view help, MetricLabels labels) {
    const std::scoped_lock lock(mutex_);
    Series& s = series(family(name, help, prometheus::MetricType::Gauge), std::move(labels));
    if (s.gauge == nullptr) {
        s.gauge = std::make_unique<Gauge>();
    }
    return *s.gauge;
}

Histogram& MetricsRegistry::histogram(
    std::string_view name, std::string_view help, std::span<const double> bounds, MetricLabels labels
) {
    const std::scoped_lock lock(mutex_);
    Series& s = series(family(name, help, prometheus::MetricType::Histogram), std::move(labels));
    if (s.histogram == nullptr) {
        s.histogram = std::make_unique<Histogram>(bounds);
    }
    return *s.histogram;
}

CounterFamily& MetricsRegistry::counter_family(
    std::string_view name, std::string_view help, std::vector<std::string> label_names, std::size_t max_series
) {
    const std::scoped_lock lock(mutex_);
    Family& f = family(name, help, prometheus::MetricType::Counter);
    if (f.dynamic == nullptr) {
        f.dynamic = std::make_unique<CounterFamily>(std::move(label_names), max_series);
    }
    return *f.dynamic;
}

void MetricsRegistry::callback(
    std::string_view name,
    std::string_view help,
    prometheus::MetricType type,
    std::function<double()> value,
    MetricLabels labels
) {
    const std::scoped_lock lock(mutex_);
    series(family(name, help, type), std::move(labels)).callback = std::move(value);
}

std::vector<prometheus::MetricFamily> MetricsRegistry::Collect() const {
    const std::scoped_lock lock(mutex_);
    std::vector<prometheus::MetricFamily> out;
    for (const auto& [name, family] : families_) {
        prometheus::MetricFamily collected;
        collected.name = name;
        collected.help = family->help;
        collected.type = family->type;
        for (const auto& series : family->series) {
            prometheus::ClientMetric metric;
            for (const auto& [key, value] : series->labels) {
                metric.label.push_back({key, value});
            }
            if (series->counter != nullptr) {
                metric.counter.value = static_cast<double>(series->counter->value());
            } else if (series->gauge != nullptr) {
                metric.gauge.value = series->gauge->value();
            } else if (series->histogram != nullptr) {
                metric.histogram = series->histogram->snapshot();
            } else if (series->callback) {
                const double value = series->callback();
                metric.counter.value = value;
                metric.gauge.value = value;
            }
            collected.metric.push_back(std::move(metric));
        }
        if (family->dynamic != nullptr) {
            std::ranges::move(family->dynamic->collect(), std::back_inserter(collected.metric));
        }
        if (!collected.metric.empty()) {
            out.push_back(std::move(collected));
        }
    }
    return out;
}

std::string MetricsRegistry::text() const {
    return prometheus::TextSerializer().Serialize(Collect());
}

std::span<const double> latency_buckets() noexcept {
    static constexpr auto buckets = std::to_array<double>({0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10});
    return buckets;
}

namespace {

/// Fields of /proc/self/stat after the command name, see proc(5): field 3 (state) is the first.
std::vector<std::string> proc_stat() {
    std::ifstream file("/proc/self/stat");
    std::string line;
    std::getline(file, line);
    const auto end = line.rfind(')');
    std::istringstream rest(end == std::string::npos ? "" : line.substr(end + 1));
    std::vector<std::string> fields;
    for (std::string field; rest >> field;) {
        fields.push_back(field);
    }
    return fields;
}

double stat_field(std::size_t number) {
    const auto fields = proc_stat();
    return number - 3 < fields.size() ? std::strtod(fields[number - 3].c_str(), nullptr) : 0;
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double open_descriptors() {
    std::error_code ec;
    double count = -1;  // the iterator's own descriptor does not count
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ec)) {
        ++count;
    }
    return std::max(count, 0.0);
}

double max_descriptors() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<double>(limit.rlim_cur);
}

double start_time() {
    std::ifstream stat("/proc/stat");
    double boot = 0;
    for (std::string key; stat >> key;) {
        if (key == "btime") {
            stat >> boot;
            break;
        }
        stat.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return boot + stat_field(22) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

void register_process_metrics(MetricsRegistry& registry) {
    using enum prometheus::MetricType;
    registry.callback(
        "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", Counter, cpu_seconds
    );
    registry.callback("process_open_fds", "Number of open file descriptors.", Gauge, open_descriptors);
    registry.callback("process_max_fds", "Maximum number of open file descriptors.", Gauge, max_descriptors);
    registry.callback("process_virtual_memory_bytes", "Virtual memory size in bytes.", Gauge, [] {
        return stat_field(23);
    });
    registry.callback("process_resident_memory_bytes", "Resident memory size in bytes.", Gauge, [] {
        return stat_field(24) * static_cast<double>(sysconf(_SC_PAGESIZE));
    });
    registry.callback("process_threads", "Number of threads of the process.", Gauge, [] { return stat_field(20); });
    registry.callback(
        "process_start_time_seconds",
        "Start time of the process since unix epoch in seconds.",
        Gauge,
        [started = start_time()] { return started; }
    );
}

}  // namespace arngate
