#include "tests/support/fake_sts/fault_plan.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace arngate::fake_sts {
namespace {

using Options = FaultRule::Options;

constexpr auto kind_names = std::to_array<std::pair<FaultKind, std::string_view>>({
    {FaultKind::throttle, "throttle"},
    {FaultKind::internal_failure, "internal_failure"},
    {FaultKind::service_unavailable, "service_unavailable"},
    {FaultKind::reset_before, "reset_before"},
    {FaultKind::reset_mid, "reset_mid"},
    {FaultKind::half_body, "half_body"},
    {FaultKind::slow_body, "slow_body"},
    {FaultKind::wrong_content_type, "wrong_content_type"},
    {FaultKind::garbage_json, "garbage_json"},
    {FaultKind::redirect, "redirect"},
    {FaultKind::huge_body, "huge_body"},
    {FaultKind::goaway, "goaway"},
    {FaultKind::reset_stream, "reset_stream"},
});

constexpr double max_latency_ms = 600'000;
constexpr std::uint64_t max_delay_ms = 600'000;
constexpr std::uint64_t max_bytes = std::uint64_t{64} << 20U;

std::expected<double, std::string> parse_number(std::string_view text) {
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value < 0) {
        return std::unexpected(fmt::format("'{}' is not a number of at least 0", text));
    }
    return value;
}

// One named number of a rule, from a flag or from JSON.
std::optional<std::string> set_member(Options& options, std::string_view name, double value) {
    const bool is_whole = value == std::floor(value) && value < 1e15;
    if (name == "above_per_second" && value > 0) {
        options.above_per_second = value;
    } else if (name == "every" && is_whole && value >= 1) {
        options.every = static_cast<std::uint64_t>(value);
    } else if (name == "times" && is_whole) {
        options.times = static_cast<std::uint64_t>(value);
    } else if (name == "delay_ms" && is_whole && value <= static_cast<double>(max_delay_ms)) {
        options.delay = std::chrono::milliseconds(static_cast<std::int64_t>(value));
    } else if (name == "bytes" && is_whole && value <= static_cast<double>(max_bytes)) {
        options.bytes = static_cast<std::size_t>(value);
    } else {
        return fmt::format("a fault has no member '{}' of value {}", name, value);
    }
    return std::nullopt;
}

std::expected<Latency, std::string> make_latency(std::string_view kind, double first, double second) {
    Latency latency{.first = first, .second = second};
    if (kind == "fixed") {
        latency.kind = Latency::Kind::fixed;
    } else if (kind == "uniform" && first <= second) {
        latency.kind = Latency::Kind::uniform;
    } else if (kind == "lognormal" && second <= 10) {
        latency.kind = Latency::Kind::lognormal;
    } else {
        return std::unexpected(fmt::format("no latency is called '{}', or its numbers are out of order", kind));
    }
    if (first < 0 || first > max_latency_ms || second < 0 || second > max_latency_ms) {
        return std::unexpected("a latency lies between 0 and 600000 milliseconds");
    }
    return latency;
}

std::expected<Options, std::string> rule_of_json(const simdjson::dom::element& element) {
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) {
        return std::unexpected("a rule is not an object");
    }
    Options options;
    bool has_kind = false;
    for (const auto field : object) {
        std::string_view text;
        double number = 0;
        if (field.key == "kind" && field.value.get(text) == simdjson::SUCCESS) {
            const auto kind = fault_kind_of(text);
            if (!kind) {
                return std::unexpected(kind.error());
            }
            options.kind = *kind;
            has_kind = true;
        } else if (field.value.get(number) != simdjson::SUCCESS) {
            return std::unexpected(fmt::format("the member '{}' of a rule is not a number", field.key));
        } else if (auto wrong = set_member(options, field.key, number)) {
            return std::unexpected(*std::move(wrong));
        }
    }
    if (!has_kind) {
        return std::unexpected("a rule has no kind");
    }
    return options;
}

std::expected<Latency, std::string> latency_of_json(const simdjson::dom::element& element) {
    std::string_view kind;
    if (element["kind"].get(kind) != simdjson::SUCCESS) {
        return std::unexpected("the latency has no kind");
    }
    const bool fixed = kind == "fixed";
    const bool uniform = kind == "uniform";
    double first = 0;
    double second = 0;
    if (element
                [fixed     ? "ms"
                 : uniform ? "min_ms"
                           : "median_ms"]
                    .get(first) != simdjson::SUCCESS ||
        (!fixed && element[uniform ? "max_ms" : "sigma"].get(second) != simdjson::SUCCESS)) {
        return std::unexpected("the latency lacks a number");
    }
    return make_latency(kind, first, second);
}

}  // namespace

std::string_view name_of(FaultKind kind) noexcept {
    return kind_names[static_cast<std::size_t>(kind)].second;
}

std::expected<FaultKind, std::string> fault_kind_of(std::string_view name) {
    const auto found = std::ranges::find(kind_names, name, &std::pair<FaultKind, std::string_view>::second);
    if (found == kind_names.end()) {
        return std::unexpected(fmt::format("no fault is called '{}'", name));
    }
    return found->first;
}

bool FaultRule::is_above_rate(std::chrono::steady_clock::time_point now, double per_second) {
    const std::lock_guard lock(rate_mutex_);
    const double burst = std::max(1.0, per_second);
    if (!refilled_) {
        tokens_ = burst;
    } else {
        const std::chrono::duration<double> passed = std::max(now - *refilled_, std::chrono::steady_clock::duration{});
        tokens_ = std::min(burst, tokens_ + passed.count() * per_second);
    }
    refilled_ = now;
    if (tokens_ < 1) {
        return true;
    }
    tokens_ -= 1;
    return false;
}

bool FaultRule::meets(std::chrono::steady_clock::time_point now) {
    if (options_.above_per_second && !is_above_rate(now, *options_.above_per_second)) {
        return false;
    }
    if ((seen_.fetch_add(1, std::memory_order_relaxed) + 1) % options_.every != 0) {
        return false;
    }
    return !options_.times || met_.fetch_add(1, std::memory_order_relaxed) < *options_.times;
}

std::chrono::microseconds Latency::draw(std::mt19937_64& generator) const {
    double milliseconds = 0;
    switch (kind) {
        case Kind::none:
            return std::chrono::microseconds(0);
        case Kind::fixed:
            milliseconds = first;
            break;
        case Kind::uniform:
            milliseconds = std::uniform_real_distribution<double>(first, std::nextafter(second, 1e9))(generator);
            break;
        case Kind::lognormal:
            milliseconds = first * std::lognormal_distribution<double>(0, second)(generator);
            break;
    }
    return std::chrono::microseconds(static_cast<std::int64_t>(std::min(milliseconds, max_latency_ms) * 1000));
}

const FaultRule::Options* FaultPlan::decide(std::chrono::steady_clock::time_point now) const {
    for (const auto& rule : rules) {
        if (rule->meets(now)) {
            return &rule->options();
        }
    }
    return nullptr;
}

std::expected<std::shared_ptr<const FaultPlan>, std::string> parse_fault_plan(std::string_view json) {
    simdjson::dom::parser parser;
    simdjson::dom::object document;
    if (parser.parse(json.data(), json.size()).get(document) != simdjson::SUCCESS) {
        return std::unexpected("the fault plan is not a JSON object");
    }
    auto plan = std::make_shared<FaultPlan>();
    for (const auto field : document) {
        simdjson::dom::array rules;
        if (field.key == "hold" && field.value.get(plan->hold) == simdjson::SUCCESS) {
            continue;
        }
        if (field.key == "latency") {
            const auto latency = latency_of_json(field.value);
            if (!latency) {
                return std::unexpected(latency.error());
            }
            plan->latency = *latency;
        } else if (field.key == "rules" && field.value.get(rules) == simdjson::SUCCESS) {
            for (const auto element : rules) {
                const auto options = rule_of_json(element);
                if (!options) {
                    return std::unexpected(options.error());
                }
                plan->rules.push_back(std::make_unique<FaultRule>(*options));
            }
        } else {
            return std::unexpected(fmt::format("a fault plan has no member '{}' of this type", field.key));
        }
    }
    return plan;
}

std::expected<Latency, std::string> parse_latency(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) {
        return std::unexpected("a latency is fixed:MS, uniform:MIN,MAX or lognormal:MEDIAN,SIGMA");
    }
    const auto numbers = text::split(text.substr(colon + 1), ',');
    const std::string_view kind = text.substr(0, colon);
    if (numbers.size() != (kind == "fixed" ? 1U : 2U)) {
        return std::unexpected("a latency is fixed:MS, uniform:MIN,MAX or lognormal:MEDIAN,SIGMA");
    }
    const auto first = parse_number(numbers.front());
    const auto second = numbers.size() == 2 ? parse_number(numbers.back()) : std::expected<double, std::string>(0.0);
    if (!first || !second) {
        return std::unexpected(first ? second.error() : first.error());
    }
    return make_latency(kind, *first, *second);
}

std::expected<FaultRule::Options, std::string> parse_fault_rule(std::string_view text) {
    const auto colon = text.find(':');
    const auto kind = fault_kind_of(text.substr(0, colon));
    if (!kind) {
        return std::unexpected(kind.error());
    }
    Options options;
    options.kind = *kind;
    if (colon == std::string_view::npos) {
        return options;
    }
    for (const std::string_view member : text::split(text.substr(colon + 1), ',')) {
        const auto equals = member.find('=');
        const auto number = parse_number(equals == std::string_view::npos ? "" : member.substr(equals + 1));
        if (!number) {
            return std::unexpected(number.error());
        }
        if (auto wrong = set_member(options, member.substr(0, equals), *number)) {
            return std::unexpected(*std::move(wrong));
        }
    }
    return options;
}

}  // namespace arngate::fake_sts
