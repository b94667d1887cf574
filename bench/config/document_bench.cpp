#include "config/load.hpp"
#include "config/sources/dynamic_file_document.hpp"
#include "config/yaml_document.hpp"
#include "large_mapping.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>

/// What a reload costs before the table is built, by the number of entries.
namespace arngate::config {
namespace {

void finish(benchmark::State& state, const std::string& text) {
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void read_yaml_tree(benchmark::State& state) {
    const std::string text = bench::mounted_file_of(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        auto root = read_yaml(text);
        if (!root)
            state.SkipWithError("not read");
        benchmark::DoNotOptimize(root);
    }
    finish(state, text);
}
BENCHMARK(read_yaml_tree)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

void load_mounted_file(benchmark::State& state) {
    const std::string text = bench::mounted_file_of(static_cast<std::size_t>(state.range(0)));
    LoadRequest request;
    request.file = "config.yaml";
    for (auto _ : state) {
        auto loaded = load_text(request, text);
        if (!loaded)
            state.SkipWithError("not read");
        benchmark::DoNotOptimize(loaded);
    }
    finish(state, text);
}
BENCHMARK(load_mounted_file)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

void load_dynamic_file(benchmark::State& state) {
    const std::string text = bench::dynamic_file_of(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        auto document = read_dynamic_file("dynamic.json", text, DynamicFileKey::arn);
        if (!document)
            state.SkipWithError("not read");
        benchmark::DoNotOptimize(document);
    }
    finish(state, text);
}
BENCHMARK(load_dynamic_file)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace arngate::config
