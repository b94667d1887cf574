#include "bench/arngate-bench/monitor.hpp"

#include "bench/arngate-bench/process_usage.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

namespace arngate::bench {
namespace {

constexpr Nanos usage_distance = nanos_per_second / 10;

}  // namespace

Monitor::Monitor(const RunOptions& options, std::vector<int> pids, EmbeddedSts* sts, Timeline& timeline)
    : pids_(std::move(pids)), sts_(sts), timeline_(timeline) {
    shows_progress_ =
        options.progress == Shown::yes || (options.progress == Shown::automatic && ::isatty(STDERR_FILENO) == 1);
}

void Monitor::take(Recorder& recorder) {
    for (const Window& window : recorder.take_finished()) {
        timeline_.add(window);
    }
}

void Monitor::look(Nanos since_begin) {
    if (since_begin < 0) {
        return;
    }
    if (!pids_.empty()) {
        look_at_server(since_begin);
    }
    if (sts_ != nullptr && fault_at_ && since_begin >= *fault_at_) {
        sts_->apply(since_begin);
        fault_at_ = sts_->schedule().next_change(since_begin);
    }
    if (since_begin >= progress_at_) {
        progress_at_ += nanos_per_second;
        if (const std::string line = timeline_.take_progress(since_begin); shows_progress_ && !line.empty()) {
            fmt::print(stderr, "{}\n", line);
        }
    }
}

void Monitor::finish() {
    if (!pids_.empty() && used_) {
        note_usage();
    }
}

void Monitor::look_at_server(Nanos since_begin) {
    if (since_begin < server_at_) {
        return;
    }
    server_at_ = since_begin + usage_distance;
    note_usage();
}

void Monitor::note_usage() {
    const auto usage = usage_of(pids_);
    if (!usage) {
        used_.reset();
        pids_.clear();
        return;
    }
    if (!used_) {
        used_.emplace();
        first_cpu_seconds_ = usage->cpu_seconds;
    }
    used_->cpu_seconds = usage->cpu_seconds - first_cpu_seconds_;
    used_->rss_bytes = usage->rss_bytes;
    used_->max_rss_bytes = std::max(used_->max_rss_bytes, usage->rss_bytes);
}

}  // namespace arngate::bench
