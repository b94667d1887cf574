#include "core/base/metrics.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace arngate;

void BM_histogram_observe(benchmark::State& state) {
    static MetricsRegistry registry;
    static Histogram& histogram = registry.histogram("seconds", "Seconds.", latency_buckets());
    for (auto _ : state) {
        histogram.observe(0.0000123);
    }
}
BENCHMARK(BM_histogram_observe)->ThreadRange(1, 4);

void BM_counter_family_with(benchmark::State& state) {
    static MetricsRegistry registry;
    static CounterFamily& family = registry.counter_family("calls", "Calls.", {"region", "outcome"});
    for (auto _ : state) {
        family.with({"us-east-1", "ok"}).add();
    }
}
BENCHMARK(BM_counter_family_with)->ThreadRange(1, 4);

}  // namespace
