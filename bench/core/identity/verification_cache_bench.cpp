#include "core/identity/verification_cache.hpp"

#include "bench/core/token/sample_token.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace arngate;

const SteadyTime steady{std::chrono::hours(1)};
const WallTime wall = bench::sample_time + std::chrono::seconds(30);

std::shared_ptr<const sts::CallerIdentity> some_identity() {
    return std::make_shared<const sts::CallerIdentity>(sts::CallerIdentity{
        .arn = "arn:aws:sts::123456789012:assumed-role/KubernetesAdmin/alice@example.com",
        .canonical_arn = "arn:aws:iam::123456789012:role/KubernetesAdmin",
        .mapping_key = "arn:aws:iam::123456789012:role/kubernetesadmin",
        .kind = aws::PrincipalKind::assumed_role,
        .account_id = "123456789012",
        .user_id = "AROACKCEVSQ6C2EXAMPLE",
        .session_name = "alice@example.com",
        .access_key_id = "ASIAIOSFODNN7EXAMPLE",
        .sts_host = "sts.us-east-1.amazonaws.com",
    });
}

void BM_verification_cache_key(benchmark::State& state) {
    MetricsRegistry metrics;
    const identity::VerificationCache cache({}, std::make_shared<identity::CacheMetrics>(metrics));
    const Secret token = bench::sample_token(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        auto key = cache.key_of(token.expose());
        benchmark::DoNotOptimize(key);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(token.size()));
}
BENCHMARK(BM_verification_cache_key)->ArgName("session_bytes")->Arg(0)->Arg(700)->Arg(4096);

// With several threads: how much the shards' locks cost when all of them look up at once.
void BM_verification_cache_hit(benchmark::State& state) {
    static MetricsRegistry metrics;
    static identity::VerificationCache cache(
        {.enabled = true, .max_bytes = std::size_t{64} * 1024 * 1024, .ttl = std::chrono::minutes(5), .shards = 8},
        std::make_shared<identity::CacheMetrics>(metrics)
    );
    static const std::vector<identity::TokenKey> keys = [] {
        std::vector<identity::TokenKey> made;
        for (int number = 0; number < 10'000; ++number) {
            made.push_back(cache.key_of("k8s-aws-v1." + std::to_string(number)));
            cache.insert(made.back(), some_identity(), wall + std::chrono::minutes(14), steady);
        }
        return made;
    }();
    std::size_t next = static_cast<std::size_t>(state.thread_index()) * 4'999;
    for (auto _ : state) {
        next = (next + 7'919) % keys.size();
        auto found = cache.find(keys[next], wall, steady);
        if (!found) {
            state.SkipWithError("an identity is gone from the cache");
            break;
        }
        benchmark::DoNotOptimize(found);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_verification_cache_hit)->ThreadRange(1, 4);

// Every insertion evicts: what a stream of tokens that are used once costs.
void BM_verification_cache_insert(benchmark::State& state) {
    MetricsRegistry metrics;
    identity::VerificationCache cache(
        {.enabled = true, .max_bytes = std::size_t{256} * 1024, .ttl = std::chrono::minutes(5), .shards = 8},
        std::make_shared<identity::CacheMetrics>(metrics)
    );
    const auto identity = some_identity();
    std::vector<identity::TokenKey> keys;
    for (int number = 0; number < 10'000; ++number) {
        keys.push_back(cache.key_of("k8s-aws-v1." + std::to_string(number)));
    }
    std::size_t next = 0;
    for (auto _ : state) {
        cache.insert(keys[next], identity, wall + std::chrono::minutes(14), steady);
        next = (next + 1) % keys.size();
    }
}
BENCHMARK(BM_verification_cache_insert);

}  // namespace
