#include "core/mapping/table.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace arngate;

std::vector<mapping::SourceRules> roles(std::size_t count) {
    mapping::SourceRules rules;
    rules.source = "MountedFile";
    for (std::size_t number = 0; number < count; ++number) {
        mapping::Rule rule;
        rule.arn = "arn:aws:iam::123456789012:role/Role" + std::to_string(number);
        rule.username = "role-" + std::to_string(number) + ":{{SessionName}}";
        rule.groups = {"developers", "viewers"};
        rules.roles.push_back(std::move(rule));
    }
    std::vector<mapping::SourceRules> sources;
    sources.push_back(std::move(rules));
    return sources;
}

sts::CallerIdentity caller(std::size_t number) {
    const std::string role = "Role" + std::to_string(number);
    sts::CallerIdentity identity;
    identity.arn = "arn:aws:sts::123456789012:assumed-role/" + role + "/alice@example.com";
    identity.canonical_arn = "arn:aws:iam::123456789012:role/" + role;
    identity.mapping_key = "arn:aws:iam::123456789012:role/role" + std::to_string(number);
    identity.kind = aws::PrincipalKind::assumed_role;
    identity.account_id = "123456789012";
    identity.user_id = "AROACKCEVSQ6C2EXAMPLE";
    identity.session_name = "alice@example.com";
    return identity;
}

void BM_mapping_map(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    std::vector<mapping::TableWarning> warnings;
    const auto table = mapping::Table::build(roles(count), {}, warnings);
    const sts::CallerIdentity identity = caller(count / 2);
    for (auto _ : state) {
        auto user = table->map(identity);
        if (!user) {
            state.SkipWithError("the sample identity is not mapped");
            break;
        }
        benchmark::DoNotOptimize(user);
    }
}
BENCHMARK(BM_mapping_map)->ArgName("roles")->Arg(10)->Arg(1'000)->Arg(100'000);

void BM_mapping_not_mapped(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    std::vector<mapping::TableWarning> warnings;
    const auto table = mapping::Table::build(roles(count), {}, warnings);
    const sts::CallerIdentity identity = caller(count + 1);
    for (auto _ : state) {
        auto user = table->map(identity);
        benchmark::DoNotOptimize(user);
    }
}
BENCHMARK(BM_mapping_not_mapped)->ArgName("roles")->Arg(10)->Arg(100'000);

void BM_mapping_build(benchmark::State& state) {
    const auto sources = roles(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        std::vector<mapping::TableWarning> warnings;
        auto table = mapping::Table::build(sources, {}, warnings);
        benchmark::DoNotOptimize(table);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_mapping_build)->ArgName("roles")->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
