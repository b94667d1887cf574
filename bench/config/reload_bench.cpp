#include "config/chain/source_state.hpp"
#include "config/load.hpp"
#include "config/mounted_file.hpp"
#include "core/mapping/table.hpp"
#include "large_mapping.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the thread of the mapping does when a configuration file of many entries changes in one of them: reads it,
/// compares, builds the table, and lets the old rules and the old table go.
namespace arngate::config {
namespace {

/// Reads two texts in turn.
class Mapping {
public:
    explicit Mapping(std::array<std::string, 2> texts) : texts_(std::move(texts)) {
        request_.file = "/etc/arngate/config.yaml";
    }

    /// Whether there is a new table.
    bool reload() {
        auto loaded = load_text(request_, texts_.at(turn_++ % 2));
        if (!loaded)
            return false;
        SourceReading reading;
        reading.rules = effective_rules(std::move(loaded->settings.mapping.mounted_file), loaded->settings);
        const auto change = source_.take(std::move(reading), {}, {});
        std::vector<mapping::TableWarning> warnings;
        const std::array sources{source_.rules()};
        table_ = mapping::Table::build(sources, {}, warnings, turn_);
        return change.diff.has_value();
    }

private:
    std::array<std::string, 2> texts_;
    LoadRequest request_;
    SourceState source_{std::chrono::milliseconds(0)};
    std::shared_ptr<const mapping::Table> table_;
    std::uint64_t turn_ = 0;
};

void reload(benchmark::State& state, const std::string& text) {
    constexpr std::string_view name = "username: team-000000";
    std::string other = text;
    other.replace(other.find(name), name.size(), "username: team-aaaaaa");
    Mapping mapping({text, other});
    bool good = mapping.reload();
    for (auto _ : state)
        good = mapping.reload() && good;
    if (!good)
        state.SkipWithError("not read, or nothing has changed");
}

void reload_block(benchmark::State& state) {
    reload(state, bench::mounted_file_of(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(reload_block)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

void reload_flow(benchmark::State& state) {
    reload(state, bench::flow_file_of(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(reload_flow)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace arngate::config
