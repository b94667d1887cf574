#include "core/base/metrics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace arngate {
namespace {

TEST(Metrics, GivesTheSameInstrumentForTheSameNameAndLabels) {
    MetricsRegistry registry;
    Counter& a = registry.counter("c_total", "help", {{"k", "a"}});
    Counter& b = registry.counter("c_total", "help", {{"k", "b"}});
    EXPECT_EQ(&a, &registry.counter("c_total", "help", {{"k", "a"}}));
    EXPECT_NE(&a, &b);
    a.add();
    a.add(2);
    EXPECT_EQ(a.value(), 3U);
    const std::string text = registry.text();
    EXPECT_NE(text.find("# TYPE c_total counter"), std::string::npos) << text;
    EXPECT_NE(text.find("c_total{k=\"a\"} 3"), std::string::npos) << text;
    EXPECT_NE(text.find("c_total{k=\"b\"} 0"), std::string::npos) << text;
}

TEST(Metrics, RefusesANameOfTwoTypes) {
    MetricsRegistry registry;
    static_cast<void>(registry.counter("x", "help"));
    EXPECT_THROW(static_cast<void>(registry.gauge("x", "help")), std::logic_error);
}

TEST(Metrics, CountsInBucketsThatIncludeTheirBound) {
    const std::array bounds{1.0, 2.0};
    Histogram histogram(bounds);
    for (const double value : {0.5, 1.0, 1.5, 2.0, 2.5}) {
        histogram.observe(value);
    }
    const auto snapshot = histogram.snapshot();
    ASSERT_EQ(snapshot.bucket.size(), 3U);
    EXPECT_EQ(snapshot.bucket[0].cumulative_count, 2U);
    EXPECT_EQ(snapshot.bucket[1].cumulative_count, 4U);
    EXPECT_EQ(snapshot.bucket[2].cumulative_count, 5U);
    EXPECT_TRUE(std::isinf(snapshot.bucket[2].upper_bound));
    EXPECT_EQ(snapshot.sample_count, 5U);
    EXPECT_DOUBLE_EQ(snapshot.sample_sum, 7.5);
    EXPECT_EQ(histogram.count(), 5U);
}

TEST(Metrics, BoundsTheSeriesOfAFamily) {
    MetricsRegistry registry;
    CounterFamily& family = registry.counter_family("f_total", "help", {"a", "b"}, 2);
    family.with({"1", "x"}).add();
    family.with({"2", "x"}).add();
    for (int i = 3; i < 10; ++i) {
        family.with({std::to_string(i), "x"}).add();
    }
    family.with({"1", "x"}).add();
    EXPECT_EQ(family.collect().size(), 3U) << "two, and one for all others";
    EXPECT_EQ(family.with({"other", "other"}).value(), 7U);
    EXPECT_EQ(family.with({"1", "x"}).value(), 2U);
}

TEST(Metrics, AsksCallbacksAtEachScrape) {
    MetricsRegistry registry;
    double value = 1;
    registry.callback("g", "help", prometheus::MetricType::Gauge, [&] { return value; });
    EXPECT_NE(registry.text().find("\ng 1\n"), std::string::npos);
    value = 2;
    EXPECT_NE(registry.text().find("\ng 2\n"), std::string::npos);
}

TEST(Metrics, EscapesLabelValues) {
    MetricsRegistry registry;
    registry.counter("c_total", "help", {{"k", "a\"\n\\"}}).add();
    EXPECT_NE(registry.text().find(R"(c_total{k="a\"\n\\"} 1)"), std::string::npos) << registry.text();
}

TEST(Metrics, LosesNothingBetweenThreads) {
    MetricsRegistry registry;
    CounterFamily& family = registry.counter_family("f_total", "help", {"a"}, 4);
    Counter& counter = registry.counter("c_total", "help");
    Histogram& histogram = registry.histogram("h", "help", latency_buckets());
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < 1000; ++i) {
                    counter.add();
                    histogram.observe(0.01);
                    family.with({std::to_string((i + t) % 8)}).add();
                }
            });
        }
    }
    EXPECT_EQ(counter.value(), 4000U);
    EXPECT_EQ(histogram.count(), 4000U);
    double total = 0;
    for (const auto& metric : family.collect()) {
        total += metric.counter.value;
    }
    EXPECT_EQ(total, 4000);
}

TEST(Metrics, KnowsTheProcess) {
    MetricsRegistry registry;
    register_process_metrics(registry);
    for (const auto& family : registry.Collect()) {
        ASSERT_EQ(family.metric.size(), 1U) << family.name;
        if (family.name == "process_resident_memory_bytes" || family.name == "process_start_time_seconds" ||
            family.name == "process_open_fds" || family.name == "process_threads") {
            EXPECT_GT(family.metric[0].gauge.value, 0) << family.name;
        }
    }
}

}  // namespace
}  // namespace arngate
