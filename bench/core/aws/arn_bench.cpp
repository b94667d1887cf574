#include "core/aws/arn.hpp"

#include <benchmark/benchmark.h>

#include <string_view>

namespace {

using namespace arngate;

void BM_arn_canonicalize(benchmark::State& state, std::string_view arn) {
    for (auto _ : state) {
        auto canonical = aws::canonicalize(arn);
        benchmark::DoNotOptimize(canonical);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(arn.size()));
}
BENCHMARK_CAPTURE(BM_arn_canonicalize, user, "arn:aws:iam::123456789012:user/Alice");
BENCHMARK_CAPTURE(
    BM_arn_canonicalize, assumed_role, "arn:aws:sts::123456789012:assumed-role/KubernetesAdmin/alice@example.com"
);
BENCHMARK_CAPTURE(
    BM_arn_canonicalize,
    sso_role,
    "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/alice@example.com"
);
BENCHMARK_CAPTURE(BM_arn_canonicalize, refused, "arn:aws:iam::123456789012:group/Developers");

void BM_arn_strip_role_path(benchmark::State& state) {
    constexpr std::string_view arn = "arn:aws:iam::123456789012:role/team/platform/KubernetesAdmin";
    for (auto _ : state) {
        auto stripped = aws::strip_role_path(arn);
        benchmark::DoNotOptimize(stripped);
    }
}
BENCHMARK(BM_arn_strip_role_path);

}  // namespace
