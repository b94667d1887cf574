#include "bench/arngate-bench/result.hpp"
#include "bench/arngate-bench/svg_plot.hpp"

#include "core/base/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace arngate::bench {
namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --faint: #6a737d; --grid: #e3e6ea; --page: #ffffff; --box: #f6f8fa;
  --a: #0b6bcb; --b: #d9730d; --c: #b3261e; --goal: #6a737d; --span: #f2c94c44; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --faint: #9aa4af; --grid: #30363d; --page: #14171b;
  --box: #1d2126; --a: #6cb1ff; --b: #f0a35e; --c: #ff8a80; --goal: #9aa4af; --span: #f2c94c2e; } }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; }
.when { color: var(--faint); margin: 0 0 1.5rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .6rem; }
.tile { background: var(--box); border-radius: 6px; padding: .6rem .8rem; }
.tile b { display: block; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.tile span { color: var(--faint); font-size: .8rem; }
.tile.bad b { color: var(--c); }
.note { border-left: 3px solid var(--c); padding-left: .7rem; }
figure { margin: 1.8rem 0; }
figure > svg { width: 100%; height: auto; display: block; }
figcaption { font-weight: 600; margin-bottom: .3rem; }
.key { font-weight: 400; font-size: .85rem; color: var(--faint); margin-left: 1.2rem; white-space: nowrap; }
.key svg { vertical-align: middle; margin-right: .35rem; }
.none { color: var(--faint); }
.grid { stroke: var(--grid); stroke-width: 1; }
.tick, .axis { fill: var(--faint); font: 12px system-ui, sans-serif; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.line.a { stroke: var(--a); } .line.b { stroke: var(--b); } .line.c { stroke: var(--c); }
.line.goal { stroke: var(--goal); stroke-dasharray: 5 4; }
.bar.a { fill: var(--a); }
.span { fill: var(--span); }
table { border-collapse: collapse; margin: 1rem 0; }
td, th { text-align: left; padding: .2rem 1.5rem .2rem 0; border-bottom: 1px solid var(--grid); font-weight: 400;
  vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--faint); white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
)";

double milliseconds(double nanoseconds) {
    return nanoseconds / 1e6;
}

std::vector<PlotSpan> spans_of(const Result& result) {
    std::vector<PlotSpan> spans;
    for (const MarkedSpan& fault : result.faults) {
        spans.push_back({.begin = fault.begin, .end = fault.end, .name = fault.description});
    }
    return spans;
}

PlotSeries curve(const Result& result, std::string name, std::string style_class, double TimelinePoint::* member) {
    PlotSeries series{.name = std::move(name), .style = std::move(style_class), .points = {}};
    for (const TimelinePoint& point : result.timeline) {
        series.points.push_back({.x = point.second, .y = point.*member});
    }
    return series;
}

Plot throughput_plot(const Result& result) {
    Plot plot{
        .title = "Throughput", .x_name = "seconds", .y_name = "per second", .series = {}, .spans = spans_of(result)
    };
    plot.series.push_back(curve(result, "answers", "a", &TimelinePoint::per_second));
    if (result.counts.failed() > 0) {
        plot.series.push_back(curve(result, "failed", "c", &TimelinePoint::failed_per_second));
    }
    if (result.intended_rate && !result.timeline.empty()) {
        const double rate = *result.intended_rate;
        plot.series.push_back(
            {.name = "intended rate", .style = "goal", .points = {{0, rate}, {result.timeline.back().second, rate}}}
        );
    }
    return plot;
}

Plot latency_plot(const Result& result) {
    Plot plot{
        .title = "Latency over time",
        .x_name = "seconds",
        .y_name = "milliseconds",
        .y_scale = Scale::logarithmic,
        .series = {},
        .spans = spans_of(result)
    };
    plot.series.push_back(curve(result, "p50", "a", &TimelinePoint::p50_ms));
    plot.series.push_back(curve(result, "p99", "b", &TimelinePoint::p99_ms));
    plot.series.push_back(curve(result, "p99.9", "c", &TimelinePoint::p999_ms));
    return plot;
}

// Bars of equal width on the logarithmic axis, 24 a power of ten.
Plot histogram_plot(const Result& result) {
    Plot plot{
        .title = "Latency histogram",
        .x_name = "milliseconds",
        .y_name = "reviews",
        .x_scale = Scale::logarithmic,
        .series = {},
        .spans = {}
    };
    const auto buckets = result.latency.buckets();
    if (buckets.empty()) {
        return plot;
    }
    constexpr double bars_a_decade = 24;
    const auto bar_of = [](double nanoseconds) {
        return static_cast<long>(std::floor(std::log10(milliseconds(std::max(nanoseconds, 1.0))) * bars_a_decade));
    };
    const auto middle = [](const Histogram::Bucket& bucket) {
        return (static_cast<double>(bucket.low) + static_cast<double>(bucket.high)) / 2;
    };
    const long first = bar_of(middle(buckets.front()));
    const long last = bar_of(middle(buckets.back()));
    PlotSeries bars{.name = "reviews", .style = "a", .points = {}, .drawing = Drawing::bars};
    for (long bar = first; bar <= last + 1; ++bar) {
        bars.points.push_back({.x = std::pow(10.0, static_cast<double>(bar) / bars_a_decade), .y = 0});
    }
    for (const Histogram::Bucket& bucket : buckets) {
        bars.points[static_cast<std::size_t>(bar_of(middle(bucket)) - first)].y += static_cast<double>(bucket.count);
    }
    plot.series.push_back(std::move(bars));
    return plot;
}

// The whole distribution: how slow the slowest tenth, hundredth, thousandth … is.
Plot percentile_plot(const Result& result) {
    Plot plot{
        .title = "Latency by percentile",
        .x_name = "1 of so many reviews is slower",
        .y_name = "milliseconds",
        .x_scale = Scale::logarithmic,
        .y_scale = Scale::logarithmic,
        .series = {},
        .spans = {}
    };
    PlotSeries line{.name = "latency", .style = "a", .points = {}};
    const auto count = static_cast<double>(result.latency.count());
    for (double one_of = 1; one_of <= count; one_of *= 1.1) {
        const auto value = static_cast<double>(result.latency.percentile(100 * (1 - 1 / one_of)));
        line.points.push_back({.x = one_of, .y = milliseconds(value)});
    }
    plot.series.push_back(std::move(line));
    return plot;
}

std::string tile(std::string_view label, const std::string& value, bool is_bad) {
    return fmt::format(
        R"(<div class="tile{}"><b>{}</b><span>{}</span></div>)", is_bad ? " bad" : "", escaped(value), escaped(label)
    );
}

std::string tiles(const Result& result) {
    std::string out = R"(<div class="tiles">)" + tile("reviews", fmt::format("{}", result.counts.all()), false);
    for (const Metric& metric : metrics_of(result)) {
        if (metric.name == "failed_share") {
            out += tile(metric.label, fmt::format("{:.3f} %", metric.value * 100), metric.value > 0);
        } else {
            // A unit of more than one word goes to the label.
            const bool is_short = metric.unit.find(' ') == std::string_view::npos;
            out += tile(
                is_short ? std::string(metric.label) : fmt::format("{}, {}", metric.label, metric.unit),
                is_short ? fmt::format("{:.4g} {}", metric.value, metric.unit) : fmt::format("{:.4g}", metric.value),
                false
            );
        }
    }
    return out + "</div>";
}

std::string counts_table(const Counts& counts) {
    std::string out = "<table>";
    for (const auto& [name, count] : named_counts(counts)) {
        fmt::format_to(
            std::back_inserter(out), R"(<tr><th>{}</th><td class="number">{}</td></tr>)", escaped(name), count
        );
    }
    return out + "</table>";
}

}  // namespace

std::string as_html(const Result& result) {
    std::string out = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
        "<title>arngate-bench {}</title><style>{}</style></head>\n<body><h1>arngate-bench</h1><p class=\"when\">{}, "
        "{:.1f} s</p>\n",
        escaped(result.started_at),
        style,
        escaped(result.started_at),
        result.seconds
    );
    if (result.ran_out) {
        out += "<p class=\"note\">The tokens ran out before the time.</p>";
    }
    if (result.was_stopped) {
        out += "<p class=\"note\">Stopped before its time.</p>";
    }
    out += tiles(result);
    for (const Plot& plot :
         {throughput_plot(result), latency_plot(result), histogram_plot(result), percentile_plot(result)}) {
        out += as_svg(plot);
        out += '\n';
    }
    out += "<h2>What came of the reviews</h2>" + counts_table(result.counts);
    out += "<h2>Setup</h2><table>";
    for (const auto& [name, value] : result.setup) {
        fmt::format_to(std::back_inserter(out), "<tr><th>{}</th><td>{}</td></tr>", escaped(name), escaped(value));
    }
    for (const MarkedSpan& fault : result.faults) {
        fmt::format_to(
            std::back_inserter(out),
            "<tr><th>fault</th><td>{} from {:.1f} s to {:.1f} s</td></tr>",
            escaped(fault.description),
            fault.begin,
            fault.end
        );
    }
    if (result.sts_requests) {
        fmt::format_to(std::back_inserter(out), "<tr><th>STS calls</th><td>{}</td></tr>", *result.sts_requests);
    }
    fmt::format_to(
        std::back_inserter(out),
        "<tr><th>generator</th><td>{:.2f} s CPU; requests left p99 {:.3f} ms after they were due; {} TLS "
        "handshakes</td></tr>"
        "</table><p class=\"when\">arngate-bench {}. Latency counts from the time a request was due. "
        "Shaded: STS was told to misbehave.</p></body></html>\n",
        result.generator_cpu_seconds,
        milliseconds(static_cast<double>(result.send_delay.percentile(99))),
        result.handshakes,
        version()
    );
    return out;
}

}  // namespace arngate::bench
