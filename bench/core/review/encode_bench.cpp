#include "core/review/encode.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace arngate;

void BM_review_encode_granted(benchmark::State& state) {
    const mapping::KubernetesUser user{
        .username = "kubernetes-admin:alice@example.com", .groups = {"developers", "viewers"}
    };
    sts::CallerIdentity identity;
    identity.arn = "arn:aws:sts::123456789012:assumed-role/KubernetesAdmin/alice@example.com";
    identity.canonical_arn = "arn:aws:iam::123456789012:role/KubernetesAdmin";
    identity.kind = aws::PrincipalKind::assumed_role;
    identity.account_id = "123456789012";
    identity.user_id = "AROACKCEVSQ6C2EXAMPLE";
    identity.session_name = "alice@example.com";
    identity.access_key_id = "ASIAIOSFODNN7EXAMPLE";
    std::string out;
    for (auto _ : state) {
        out.clear();
        auto head = review::encode_granted(out, {}, review::ApiVersion::v1, user, identity, false);
        benchmark::DoNotOptimize(head);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(BM_review_encode_granted);

void BM_review_encode_refused(benchmark::State& state) {
    std::string out;
    for (auto _ : state) {
        out.clear();
        auto head = review::encode_refused(out, {}, review::ApiVersion::v1, Reason::not_mapped);
        benchmark::DoNotOptimize(head);
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(BM_review_encode_refused);

}  // namespace
