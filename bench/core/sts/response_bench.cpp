#include "core/sts/response.hpp"

#include <benchmark/benchmark.h>

#include <string_view>

namespace {

using namespace arngate;

void BM_sts_response_parse(benchmark::State& state, int status, std::string_view body) {
    const sts::ResponseRules rules;
    for (auto _ : state) {
        auto identity = sts::parse_response(status, body, rules);
        benchmark::DoNotOptimize(identity);
    }
}
BENCHMARK_CAPTURE(
    BM_sts_response_parse,
    granted,
    200,
    R"({"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Account":"123456789012",)"
    R"("Arn":"arn:aws:sts::123456789012:assumed-role/KubernetesAdmin/alice@example.com",)"
    R"("UserId":"AROACKCEVSQ6C2EXAMPLE:alice@example.com"},)"
    R"("ResponseMetadata":{"RequestId":"01234567-89ab-cdef-0123-456789abcdef"}}})"
);
BENCHMARK_CAPTURE(
    BM_sts_response_parse,
    denied,
    403,
    R"({"Error":{"Code":"SignatureDoesNotMatch","Message":"The request signature does not match.","Type":"Sender"},)"
    R"("RequestId":"01234567-89ab-cdef-0123-456789abcdef"})"
);

}  // namespace
