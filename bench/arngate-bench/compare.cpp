#include "bench/arngate-bench/compare.hpp"

#include "bench/arngate-bench/result.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace arngate::bench {
namespace {

constexpr double failed_share_margin = 0.001;

// The far tail is too restless to decide anything by.
bool is_judged(std::string_view name) {
    return name != "latency_p999_ms" && name != "latency_max_ms";
}

double ratio_of(double before, double after) {
    if (before == 0) {
        return after == 0 ? 1 : std::numeric_limits<double>::infinity();
    }
    return after / before;
}

Judgement judge(std::string_view name, double before, double after, double tolerance) {
    if (!is_judged(name)) {
        return Judgement::not_judged;
    }
    if (name == "failed_share") {
        if (std::abs(after - before) <= failed_share_margin) {
            return Judgement::same;
        }
        return after > before ? Judgement::worse : Judgement::better;
    }
    const double ratio = ratio_of(before, after);
    if (ratio <= 1 + tolerance && ratio >= 1 / (1 + tolerance)) {
        return Judgement::same;
    }
    return (ratio > 1) == is_better_when_higher(name) ? Judgement::better : Judgement::worse;
}

std::string_view name_of(Judgement judgement) {
    switch (judgement) {
        case Judgement::same:
            return "same";
        case Judgement::better:
            return "better";
        case Judgement::worse:
            return "worse";
        case Judgement::not_judged:
            break;
    }
    return "-";
}

std::string value_in(const std::map<std::string, std::string, std::less<>>& setup, const std::string& name) {
    const auto found = setup.find(name);
    return found == setup.end() ? "(not set)" : found->second;
}

}  // namespace

bool Comparison::is_worse() const noexcept {
    return std::ranges::any_of(metrics, [](const ComparedMetric& metric) {
        return metric.judgement == Judgement::worse;
    });
}

std::expected<StoredResult, std::string> parse_result(std::string_view json) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    std::int64_t format = 0;
    simdjson::dom::object metrics;
    simdjson::dom::object setup;
    if (parser.parse(json.data(), json.size()).get(document) != simdjson::SUCCESS ||
        document["format"].get(format) != simdjson::SUCCESS || document["metrics"].get(metrics) != simdjson::SUCCESS ||
        document["setup"].get(setup) != simdjson::SUCCESS) {
        return std::unexpected("is not a result of arngate-bench");
    }
    if (format != 1) {
        return std::unexpected("is a result of another version's format");
    }
    StoredResult result;
    for (const auto field : metrics) {
        double value = 0;
        if (field.value.get(value) != simdjson::SUCCESS || value < 0) {
            return std::unexpected("holds a metric that is not a number from 0 on");
        }
        result.metrics.emplace(field.key, value);
    }
    for (const auto field : setup) {
        std::string_view value;
        if (field.value.get(value) != simdjson::SUCCESS) {
            return std::unexpected("holds an option that is not a text");
        }
        result.setup.emplace(field.key, value);
    }
    return result;
}

Comparison compare(const StoredResult& before, const StoredResult& after, double tolerance) {
    Comparison comparison;
    for (const auto& [name, value] : before.metrics) {
        const auto found = after.metrics.find(name);
        if (found != after.metrics.end()) {
            comparison.metrics.push_back(
                {.name = name,
                 .before = value,
                 .after = found->second,
                 .ratio = ratio_of(value, found->second),
                 .judgement = judge(name, value, found->second, tolerance)}
            );
        }
    }
    auto names = before.setup;
    names.insert(after.setup.begin(), after.setup.end());
    for (const auto& [name, unused] : names) {
        const std::string first = value_in(before.setup, name);
        const std::string second = value_in(after.setup, name);
        if (first != second) {
            comparison.differences.push_back(fmt::format("{}: {} / {}", name, first, second));
        }
    }
    return comparison;
}

std::string as_text(const Comparison& comparison) {
    std::string text = fmt::format("{:<28} {:>12} {:>12} {:>8}  verdict\n", "", "A", "B", "B / A");
    auto out = std::back_inserter(text);
    for (const ComparedMetric& metric : comparison.metrics) {
        fmt::format_to(
            out,
            "{:<28} {:>12.6g} {:>12.6g} {:>8.3f}  {}\n",
            metric.name,
            metric.before,
            metric.after,
            metric.ratio,
            name_of(metric.judgement)
        );
    }
    if (!comparison.differences.empty()) {
        text += "The runs were not set up alike (A / B):\n";
        for (const std::string& difference : comparison.differences) {
            fmt::format_to(out, "  {}\n", difference);
        }
    }
    fmt::format_to(out, "{}\n", comparison.is_worse() ? "B is worse than A" : "B is not worse than A");
    return text;
}

}  // namespace arngate::bench
