#include "bench/arngate-bench/svg_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace arngate::bench {
namespace {

constexpr double width = 860;
constexpr double height = 280;
constexpr double left = 76;
constexpr double right = 16;
constexpr double top = 16;
constexpr double bottom = 46;

struct Tick {
    double value = 0;
    std::string label;
};

// Short and unambiguous: 1,500,000 → 1.5M, 0.25 → 0.25.
std::string label_of(double value) {
    const double size = std::abs(value);
    if (size >= 1e6) {
        return fmt::format("{:.4g}M", value / 1e6);
    }
    return size >= 1e4 ? fmt::format("{:.4g}k", value / 1e3) : fmt::format("{:.4g}", value);
}

/// Maps values of one dimension to a stretch of the picture.
class Axis {
public:
    Axis(Scale scale, double low, double high, double from, double to) : scale_(scale), from_(from), to_(to) {
        if (scale == Scale::logarithmic) {
            low_ = std::floor(std::log10(low));
            high_ = std::max(std::ceil(std::log10(high)), low_ + 1);
        } else {
            low_ = low;
            step_ = step_for(high - low);
            high_ = high > low ? high : low + 1;
        }
    }

    /// Up to a round number, so that the highest value does not touch the frame.
    void round_up() {
        if (scale_ == Scale::linear) {
            high_ = std::ceil(high_ * 1.02 / step_) * step_;
        }
    }

    double place(double value) const {
        const double x = scale_ == Scale::logarithmic ? std::log10(value) : value;
        return from_ + (x - low_) / (high_ - low_) * (to_ - from_);
    }

    bool shows(double value) const { return std::isfinite(value) && (scale_ == Scale::linear || value > 0); }

    std::vector<Tick> ticks() const {
        std::vector<Tick> found;
        if (scale_ == Scale::logarithmic) {
            for (double exponent = low_; exponent <= high_; ++exponent) {
                const double value = std::pow(10.0, exponent);
                found.push_back({.value = value, .label = label_of(value)});
            }
            return found;
        }
        for (double number = std::ceil(low_ / step_); number * step_ <= high_ * (1 + 1e-9); ++number) {
            found.push_back({.value = number * step_, .label = label_of(number * step_)});
        }
        return found;
    }

private:
    static double step_for(double range) {
        if (!(range > 0)) {
            return 1;
        }
        const double rough = range / 6;
        const double unit = std::pow(10.0, std::floor(std::log10(rough)));
        for (const double factor : {1.0, 2.0, 5.0}) {
            if (unit * factor >= rough) {
                return unit * factor;
            }
        }
        return unit * 10;
    }

    Scale scale_;
    double from_;
    double to_;
    double low_ = 0;
    double high_ = 1;
    double step_ = 1;
};

struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    void take(double value, Scale scale) {
        if (std::isfinite(value) && (scale == Scale::linear || value > 0)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    bool is_empty() const { return low > high; }
};

void append_frame(std::string& out, const Plot& plot, const Axis& x, const Axis& y) {
    auto to = std::back_inserter(out);
    for (const Tick& tick : y.ticks()) {
        const double at = y.place(tick.value);
        fmt::format_to(
            to, R"(<line class="grid" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)", left, at, width - right, at
        );
        fmt::format_to(
            to, R"(<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>)", left - 8, at + 4, tick.label
        );
    }
    for (const Tick& tick : x.ticks()) {
        const double at = x.place(tick.value);
        fmt::format_to(
            to, R"(<line class="grid" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)", at, top, at, height - bottom
        );
        fmt::format_to(
            to,
            R"(<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>)",
            at,
            height - bottom + 18,
            tick.label
        );
    }
    fmt::format_to(
        to,
        R"(<text class="axis" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>)",
        (left + width - right) / 2,
        height - 6,
        escaped(plot.x_name)
    );
    fmt::format_to(
        to,
        R"svg(<text class="axis" transform="translate(16 {:.1f}) rotate(-90)" text-anchor="middle">{}</text>)svg",
        (top + height - bottom) / 2,
        escaped(plot.y_name)
    );
}

void append_spans(std::string& out, const Plot& plot, const Axis& x) {
    for (const PlotSpan& span : plot.spans) {
        const double from = std::clamp(x.place(span.begin), left, width - right);
        const double to = std::clamp(x.place(span.end), left, width - right);
        fmt::format_to(
            std::back_inserter(out),
            R"(<rect class="span" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>)",
            from,
            top,
            to - from,
            height - bottom - top,
            escaped(span.name)
        );
    }
}

void append_line(std::string& out, const PlotSeries& series, const Axis& x, const Axis& y) {
    std::string path;
    bool is_down = false;  // the pen; lifted where there is no value
    for (const PlotPoint& point : series.points) {
        if (!x.shows(point.x) || !y.shows(point.y)) {
            is_down = false;
            continue;
        }
        fmt::format_to(
            std::back_inserter(path), "{}{:.1f} {:.1f}", is_down ? "L" : "M", x.place(point.x), y.place(point.y)
        );
        is_down = true;
    }
    fmt::format_to(std::back_inserter(out), R"(<path class="line {}" d="{}"/>)", escaped(series.style), path);
}

void append_bars(std::string& out, const PlotSeries& series, const Axis& x, const Axis& y) {
    for (std::size_t index = 0; index + 1 < series.points.size(); ++index) {
        // A bar reaches to where the next one begins; the last point only ends the last bar.
        const double from = x.place(series.points[index].x);
        const double to = x.place(series.points[index + 1].x);
        if (series.points[index].y <= 0) {
            continue;
        }
        const double high = y.place(series.points[index].y);
        fmt::format_to(
            std::back_inserter(out),
            R"(<rect class="bar {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>)",
            escaped(series.style),
            from,
            high,
            std::max(to - from - 0.5, 0.5),
            height - bottom - high
        );
    }
}

std::string legend(const Plot& plot) {
    std::string out;
    for (const PlotSeries& series : plot.series) {
        fmt::format_to(
            std::back_inserter(out),
            R"(<span class="key"><svg width="18" height="10"><line class="line {}" x1="0" y1="5" x2="18" y2="5"/></svg>{}</span>)",
            escaped(series.style),
            escaped(series.name)
        );
    }
    return out;
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string as_svg(const Plot& plot) {
    Range x_range;
    Range y_range;
    for (const PlotSeries& series : plot.series) {
        for (const PlotPoint& point : series.points) {
            x_range.take(point.x, plot.x_scale);
            y_range.take(point.y, plot.y_scale);
        }
    }
    std::string out = fmt::format("<figure><figcaption>{}{}</figcaption>", escaped(plot.title), legend(plot));
    if (x_range.is_empty() || y_range.is_empty()) {
        return out + "<p class=\"none\">nothing to show</p></figure>";
    }
    // Linear axes begin at 0, so that plots over time lie above one another.
    if (plot.y_scale == Scale::linear) {
        y_range.low = 0;
    }
    if (plot.x_scale == Scale::linear) {
        x_range.low = 0;
    }
    const Axis x(plot.x_scale, x_range.low, x_range.high, left, width - right);
    Axis y(plot.y_scale, y_range.low, y_range.high, height - bottom, top);
    y.round_up();
    fmt::format_to(
        std::back_inserter(out),
        R"(<svg viewBox="0 0 {} {}" role="img" aria-label="{}">)",
        width,
        height,
        escaped(plot.title)
    );
    append_frame(out, plot, x, y);
    append_spans(out, plot, x);
    for (const PlotSeries& series : plot.series) {
        series.drawing == Drawing::bars ? append_bars(out, series, x, y) : append_line(out, series, x, y);
    }
    return out + "</svg></figure>";
}

}  // namespace arngate::bench
