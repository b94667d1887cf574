#include "core/base/line_writer.hpp"
#include "core/base/log.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace arngate;

/// The line of a granted review.
struct Granted {
    std::vector<std::string> groups{"system:masters"};
    std::vector<log::Field> fields{
        {"client", "127.0.0.1:54321"},
        {"method", "POST"},
        {"path", "/authenticate"},
        {"username", "admin"},
        {"uid", "aws-iam-authenticator:123456789012:AROACKCEVSQ6C2EXAMPLE"},
        {"groups", std::span<const std::string>(groups)},
        {"stsendpoint", "sts.us-east-1.amazonaws.com"},
        {"arn", "arn:aws:iam::123456789012:role/KubernetesAdmin"},
        {"cache", true},
        {"duration", 0.0000123},
    };
};

void BM_log_line(benchmark::State& state) {
    const Granted granted;
    const auto format = state.range(0) == 0 ? log::Format::logfmt : log::Format::json;
    std::string line;
    for (auto _ : state) {
        line.clear();
        log::append_line(line, format, log::Level::info, "access granted", granted.fields, "2026-01-02T03:04:05Z");
        benchmark::DoNotOptimize(line.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(line.size()));
}
BENCHMARK(BM_log_line)->ArgName("json")->Arg(0)->Arg(1);

// What a review pays for its line once it is formatted; the CPU of the writing thread is not in it.
void BM_line_writer(benchmark::State& state) {
    static log::LineWriter writer;
    if (state.thread_index() == 0) {
        writer.set_sink([](std::string_view line) { benchmark::DoNotOptimize(line.data()); });
        writer.start(std::size_t{4} * 1024 * 1024);
    }
    const std::string line(380, 'x');
    for (auto _ : state) {
        writer.write(line, log::Urgency::can_wait);
    }
    if (state.thread_index() == 0) {
        writer.stop();
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_line_writer)->ThreadRange(1, 4)->UseRealTime();

}  // namespace
