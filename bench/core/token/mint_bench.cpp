#include "core/token/mint.hpp"

#include "bench/core/token/sample_token.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>

namespace {

using namespace arngate;

void BM_token_mint(benchmark::State& state) {
    for (auto _ : state) {
        Secret token = bench::sample_token(static_cast<std::size_t>(state.range(0)));
        benchmark::DoNotOptimize(token);
    }
}
BENCHMARK(BM_token_mint)->ArgName("session_bytes")->Arg(0)->Arg(700);

}  // namespace
