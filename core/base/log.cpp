#include "core/base/log.hpp"

#include "core/base/line_writer.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <utility>

namespace arngate::log {
namespace {

/// How long `flush` waits for a reader of standard error that may never come.
constexpr std::chrono::seconds longest_flush{2};
/// A thread's buffer that grew for one long line is given back.
constexpr std::size_t kept_line_bytes = 4UL * 1024;

// Never destroyed: threads may log while the process ends.
LineWriter& writer() {
    static auto* instance = new LineWriter;
    return *instance;
}

std::atomic<Level>& current_level() {
    static std::atomic<Level> level{Level::info};
    return level;
}
std::atomic<Format>& current_format() {
    static std::atomic<Format> format{Format::logfmt};
    return format;
}

std::string_view now_text() {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    // A line a second apart needs a new text; most lines share it.
    thread_local std::chrono::system_clock::time_point last;
    thread_local std::string text;
    if (now != last || text.empty()) {
        const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
        const std::tm local = fmt::localtime(seconds);
        text = fmt::format("{:%Y-%m-%dT%H:%M:%S}", local);
        if (local.tm_gmtoff == 0) {
            text += 'Z';
        } else {
            const long minutes = std::abs(local.tm_gmtoff) / 60;
            text += fmt::format("{}{:02}:{:02}", local.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
        }
        last = now;
    }
    return text;
}

}  // namespace

void configure(const Options& options) {
    current_level().store(options.level, std::memory_order_relaxed);
    current_format().store(options.format, std::memory_order_relaxed);
    if (options.delivery == Delivery::background) {
        writer().start(options.queue_bytes);
    } else {
        writer().stop();
    }
}

void set_level(Level level) noexcept {
    current_level().store(level, std::memory_order_relaxed);
}

Level level() noexcept {
    return current_level().load(std::memory_order_relaxed);
}

bool enabled(Level level) noexcept {
    return level >= current_level().load(std::memory_order_relaxed);
}

void set_sink(std::function<void(std::string_view)> sink) {
    writer().set_sink(std::move(sink));
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
    write(level, message, std::span<const Field>(fields.begin(), fields.size()));
}

void write(Level level, std::string_view message, std::span<const Field> fields) {
    if (!enabled(level)) {
        return;
    }
    thread_local std::string line;
    line.clear();
    append_line(line, current_format().load(std::memory_order_relaxed), level, message, fields, now_text());
    writer().write(line, level >= Level::error ? Urgency::at_once : Urgency::can_wait);
    if (line.capacity() > kept_line_bytes) {
        line = std::string();
    }
}

void flush() {
    static_cast<void>(writer().flush(longest_flush));
}

std::uint64_t dropped() noexcept {
    return writer().dropped();
}

}  // namespace arngate::log
