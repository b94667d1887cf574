#include "core/aws/sts_hosts.hpp"

#include <benchmark/benchmark.h>

#include <string_view>

namespace {

using namespace arngate;

void BM_sts_hosts_find(benchmark::State& state, std::string_view host) {
    const auto table = aws::StsHostTable::build(aws::StsHostOptions{});
    if (!table) {
        state.SkipWithError("the table of hosts cannot be built");
        return;
    }
    for (auto _ : state) {
        const aws::StsHost* found = table->find(host);
        benchmark::DoNotOptimize(found);
    }
}
BENCHMARK_CAPTURE(BM_sts_hosts_find, known, "sts.eu-central-1.amazonaws.com");
BENCHMARK_CAPTURE(BM_sts_hosts_find, refused, "sts.eu-central-1.amazonaws.com.example.com");

}  // namespace
