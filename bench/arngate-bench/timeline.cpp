#include "bench/arngate-bench/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace arngate::bench {
namespace {

double seconds_of(Nanos time) {
    return static_cast<double>(time) / static_cast<double>(nanos_per_second);
}

double milliseconds_at(const Histogram& latency, double percent) {
    return static_cast<double>(latency.percentile(percent)) / 1e6;
}

}  // namespace

void Timeline::add(const Window& window) {
    if (window.number >= windows_.size()) {
        windows_.resize(window.number + 1);
    }
    windows_[window.number].merge(window);
    total_.merge(window);
    news_.merge(window);
}

std::string Timeline::take_progress(Nanos since_begin) {
    const Window news = std::exchange(news_, Window());
    const double seconds = seconds_of(since_begin - std::exchange(news_since_, since_begin));
    if (seconds <= 0 || news.counts.all() == 0) {
        return {};
    }
    return fmt::format(
        "{:6.1f} s  {:>9.0f}/s  p50 {:.3f} ms  p99 {:.3f} ms  p99.9 {:.3f} ms  failed {}",
        seconds_of(since_begin),
        static_cast<double>(news.counts.answered()) / seconds,
        milliseconds_at(news.latency, 50),
        milliseconds_at(news.latency, 99),
        milliseconds_at(news.latency, 99.9),
        total_.counts.failed()
    );
}

std::vector<TimelinePoint> Timeline::points(Nanos length) const {
    std::vector<TimelinePoint> points;
    for (std::size_t number = 0; number < windows_.size(); ++number) {
        const Nanos begin = static_cast<Nanos>(number) * window_;
        const Nanos end = std::min(begin + window_, length);
        // A rate over a splinter of a window says nothing.
        if (end - begin < window_ / 4) {
            break;
        }
        const Window& window = windows_[number];
        const double seconds = seconds_of(end - begin);
        points.push_back({
            .second = seconds_of(end),
            .per_second = static_cast<double>(window.counts.answered()) / seconds,
            .failed_per_second = static_cast<double>(window.counts.failed()) / seconds,
            .p50_ms = milliseconds_at(window.latency, 50),
            .p99_ms = milliseconds_at(window.latency, 99),
            .p999_ms = milliseconds_at(window.latency, 99.9),
        });
    }
    return points;
}

}  // namespace arngate::bench
