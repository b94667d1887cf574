#include "bench/arngate-bench/fault_schedule.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace arngate::bench {
namespace {

constexpr std::string_view span_form =
    "a fault is START:KIND=PERCENT%:LENGTH, START:KIND>RATE/s:LENGTH or START:latency=DURATION:LENGTH";

std::optional<double> parse_number(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !(number >= 0) || number > 1e9) {
        return std::nullopt;
    }
    return number;
}

// KIND, with the rest as options of a rule.
std::expected<fake_sts::FaultRule::Options, std::string> rule_of(std::string_view kind, const std::string& options) {
    return fake_sts::parse_fault_rule(fmt::format("{}:{}", kind, options));
}

std::expected<void, std::string> parse_what(FaultSpan& span, std::string_view what) {
    const auto sign = what.find_first_of("=>");
    if (sign == std::string_view::npos) {
        return std::unexpected(std::string(span_form));
    }
    const std::string_view kind = what.substr(0, sign);
    std::string_view amount = what.substr(sign + 1);
    if (kind == "latency" && what[sign] == '=') {
        const auto latency = parse_duration(amount);
        if (!latency) {
            return std::unexpected(latency.error());
        }
        span.latency = fake_sts::Latency{
            .kind = fake_sts::Latency::Kind::fixed, .first = static_cast<double>(*latency) / 1e6, .second = 0
        };
        return {};
    }
    const std::string_view unit = what[sign] == '=' ? "%" : "/s";
    if (!amount.ends_with(unit)) {
        return std::unexpected(std::string(span_form));
    }
    amount.remove_suffix(unit.size());
    const auto number = parse_number(amount);
    if (!number || *number <= 0) {
        return std::unexpected(std::string(span_form));
    }
    std::string options;
    if (unit == "/s") {
        options = fmt::format("above_per_second={}", *number);
    } else {
        constexpr std::array<int, 9> shares{100, 50, 25, 20, 10, 5, 4, 2, 1};
        const auto* const share = std::ranges::find(shares, *number);
        if (share == shares.end()) {
            return std::unexpected("the share of a fault is 100, 50, 25, 20, 10, 5, 4, 2 or 1 %");
        }
        options = fmt::format("every={}", 100 / *share);
    }
    auto rule = rule_of(kind, options);
    if (!rule) {
        return std::unexpected(rule.error());
    }
    span.rule = *rule;
    return {};
}

}  // namespace

std::expected<Nanos, std::string> parse_duration(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, double>, 4> units{
        {{"ms", 1e6}, {"us", 1e3}, {"s", 1e9}, {"m", 60e9}}
    };
    for (const auto& [unit, nanos] : units) {
        if (text.ends_with(unit)) {
            const auto number = parse_number(text.substr(0, text.size() - unit.size()));
            if (number && *number * nanos <= 86'400e9) {
                return static_cast<Nanos>(*number * nanos);
            }
            break;
        }
    }
    return std::unexpected("a duration is a number with its unit, as 10s, 250ms or 2m, of a day at most");
}

std::expected<FaultSpan, std::string> parse_fault_span(std::string_view text) {
    const auto parts = text::split(text, ':');
    if (parts.size() != 3) {
        return std::unexpected(std::string(span_form));
    }
    const auto begin = parse_duration(parts[0]);
    const auto length = parse_duration(parts[2]);
    if (!begin || !length || *length == 0) {
        return std::unexpected(std::string(span_form));
    }
    FaultSpan span{.begin = *begin, .length = *length, .description = std::string(parts[1]), .rule = {}, .latency = {}};
    if (const auto parsed = parse_what(span, parts[1]); !parsed) {
        return std::unexpected(parsed.error());
    }
    return span;
}

FaultSchedule::FaultSchedule(const fake_sts::Latency& usual, std::vector<FaultSpan> spans)
    : usual_(usual), spans_(std::move(spans)) {}

std::shared_ptr<const fake_sts::FaultPlan> FaultSchedule::plan_at(Nanos moment) const {
    auto plan = std::make_shared<fake_sts::FaultPlan>();
    plan->latency = usual_;
    for (const FaultSpan& span : spans_) {
        if (moment < span.begin || moment >= span.begin + span.length) {
            continue;
        }
        if (span.rule) {
            plan->rules.push_back(std::make_unique<fake_sts::FaultRule>(*span.rule));
        }
        plan->latency = span.latency.value_or(plan->latency);
    }
    return plan;
}

std::optional<Nanos> FaultSchedule::next_change(Nanos moment) const {
    std::optional<Nanos> next;
    for (const FaultSpan& span : spans_) {
        for (const Nanos change : {span.begin, span.begin + span.length}) {
            if (change > moment && (!next || change < *next)) {
                next = change;
            }
        }
    }
    return next;
}

}  // namespace arngate::bench
