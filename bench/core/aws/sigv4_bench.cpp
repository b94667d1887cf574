#include "core/aws/sigv4.hpp"

#include <benchmark/benchmark.h>

#include <chrono>

namespace {

using namespace arngate;

void BM_sigv4_presign(benchmark::State& state) {
    aws::Credentials credentials;
    credentials.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    credentials.secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    const aws::PresignRequest request{
        .host = "sts.us-east-1.amazonaws.com",
        .path = "/",
        .region = "us-east-1",
        .service = "sts",
        .parameters = {{"Action", "GetCallerIdentity"}, {"Version", "2011-06-15"}},
        .extra_headers = {{"x-k8s-aws-id", "my-cluster"}},
        .expires = std::chrono::seconds(60),
    };
    const WallTime now{std::chrono::seconds(1'767'323'045)};
    for (auto _ : state) {
        Secret url = aws::presign(request, credentials, now);
        benchmark::DoNotOptimize(url);
    }
}
BENCHMARK(BM_sigv4_presign);

void BM_sigv4_parse_amz_date(benchmark::State& state) {
    for (auto _ : state) {
        auto time = aws::parse_amz_date("20260102T030405Z");
        benchmark::DoNotOptimize(time);
    }
}
BENCHMARK(BM_sigv4_parse_amz_date);

}  // namespace
