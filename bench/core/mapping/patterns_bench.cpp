// Entries for many roles: what a look-up costs when there are few or many, and what building them costs.

#include "core/aws/arn_pattern.hpp"
#include "core/mapping/pattern_index.hpp"
#include "core/mapping/table.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace arngate;

constexpr std::string_view role = "arn:aws:iam::123456789012:role/";

mapping::Rule rule(std::size_t number) {
    mapping::Rule out;
    if (number % 2 == 0) {
        out.arn_like = std::string(role) + "team" + std::to_string(number) + "-*";
    } else {
        out.sso.push_back({"Set" + std::to_string(number), "123456789012"});
    }
    out.username = "{{SessionName}}";
    out.groups = {"developers"};
    return out;
}

std::vector<mapping::SourceRules> patterns(std::size_t count) {
    mapping::SourceRules rules;
    rules.source = "MountedFile";
    for (std::size_t number = 0; number < count; ++number) {
        rules.roles.push_back(rule(number));
    }
    std::vector<mapping::SourceRules> sources;
    sources.push_back(std::move(rules));
    return sources;
}

sts::CallerIdentity caller(const std::string& name) {
    sts::CallerIdentity identity;
    identity.canonical_arn = std::string(role) + name;
    identity.mapping_key = identity.canonical_arn;
    identity.account_id = "123456789012";
    identity.session_name = "alice@example.com";
    return identity;
}

void map_one(benchmark::State& state, const std::vector<mapping::SourceRules>& sources, const std::string& name) {
    std::vector<mapping::TableWarning> warnings;
    const auto table = mapping::Table::build(sources, {}, warnings);
    const sts::CallerIdentity identity = caller(name);
    for (auto _ : state) {
        auto user = table->map(identity);
        benchmark::DoNotOptimize(user);
    }
}

void BM_mapping_pattern(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    map_one(state, patterns(count), "team" + std::to_string(count / 2 / 2 * 2) + "-deployer");
}
BENCHMARK(BM_mapping_pattern)->ArgName("patterns")->Arg(10)->Arg(1'000)->Arg(100'000);

void BM_mapping_permission_set(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    const std::string number = std::to_string(count / 2 / 2 * 2 + 1);
    map_one(state, patterns(count), "awsreservedsso_set" + number + "_0123456789abcdef");
}
BENCHMARK(BM_mapping_permission_set)->ArgName("patterns")->Arg(10)->Arg(100'000);

void BM_mapping_no_pattern(benchmark::State& state) {
    map_one(state, patterns(static_cast<std::size_t>(state.range(0))), "nobody-knows-this-role");
}
BENCHMARK(BM_mapping_no_pattern)->ArgName("patterns")->Arg(10)->Arg(100'000);

/// As many patterns of one beginning as are allowed, none of which matches: the dearest look-up.
void BM_mapping_full_prefix(benchmark::State& state) {
    mapping::SourceRules rules;
    for (std::size_t number = 0; number < mapping::PatternIndex::max_per_prefix; ++number) {
        mapping::Rule out;
        out.arn_like = std::string(role) + "team*a*b*" + std::to_string(number);
        out.username = "x";
        rules.roles.push_back(std::move(out));
    }
    std::vector<mapping::SourceRules> sources;
    sources.push_back(std::move(rules));
    map_one(state, sources, "team" + std::string(60, 'a'));
}
BENCHMARK(BM_mapping_full_prefix);

void BM_mapping_build_patterns(benchmark::State& state) {
    const auto sources = patterns(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        std::vector<mapping::TableWarning> warnings;
        auto table = mapping::Table::build(sources, {}, warnings);
        benchmark::DoNotOptimize(table);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_mapping_build_patterns)->ArgName("patterns")->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

void BM_arn_pattern(benchmark::State& state) {
    const auto pattern =
        aws::ArnPattern::compile("arn:aws:iam::123456789012:role/dev-*-?-rw", aws::QuestionMark::exactly_one).value();
    for (auto _ : state) {
        auto matches = pattern.matches("arn:aws:iam::123456789012:role/dev-frontend-7-rw");
        benchmark::DoNotOptimize(matches);
    }
}
BENCHMARK(BM_arn_pattern);

}  // namespace
