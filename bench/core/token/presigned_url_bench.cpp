#include "core/token/presigned_url.hpp"

#include "bench/core/token/sample_token.hpp"
#include "core/aws/sts_hosts.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace arngate;

const aws::StsHostTable& hosts() {
    static const aws::StsHostTable table = aws::StsHostTable::build(aws::StsHostOptions{}).value();
    return table;
}

const WallTime now = bench::sample_time + std::chrono::seconds(30);

void BM_presigned_url_parse(benchmark::State& state) {
    const Secret token = bench::sample_token(static_cast<std::size_t>(state.range(0)));
    token::ParseRules rules;
    rules.hosts = &hosts();
    for (auto _ : state) {
        auto url = token::PresignedUrl::parse(token.expose(), rules, now);
        if (!url) {
            state.SkipWithError("the sample token was refused");
            break;
        }
        benchmark::DoNotOptimize(url);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(token.size()));
}
BENCHMARK(BM_presigned_url_parse)->ArgName("session_bytes")->Arg(0)->Arg(700)->Arg(4096);

void BM_presigned_url_refuse(benchmark::State& state, std::string_view token) {
    token::ParseRules rules;
    rules.hosts = &hosts();
    for (auto _ : state) {
        auto url = token::PresignedUrl::parse(token, rules, now);
        benchmark::DoNotOptimize(url);
    }
}
BENCHMARK_CAPTURE(BM_presigned_url_refuse, another_kind, "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJrOHMifQ.c2ln");
BENCHMARK_CAPTURE(
    BM_presigned_url_refuse, another_host, "k8s-aws-v1.aHR0cHM6Ly9leGFtcGxlLmNvbS8_QWN0aW9uPUdldENhbGxlcklk"
);

void BM_presigned_url_request_target(benchmark::State& state) {
    const Secret token = bench::sample_token(static_cast<std::size_t>(state.range(0)));
    token::ParseRules rules;
    rules.hosts = &hosts();
    const auto url = token::PresignedUrl::parse(token.expose(), rules, now);
    if (!url) {
        state.SkipWithError("the sample token was refused");
        return;
    }
    for (auto _ : state) {
        Secret target = url->request_target();
        benchmark::DoNotOptimize(target);
    }
}
BENCHMARK(BM_presigned_url_request_target)->ArgName("session_bytes")->Arg(0)->Arg(700);

}  // namespace
