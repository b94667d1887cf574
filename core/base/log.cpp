#include "core/base/log.hpp"

#include "core/base/text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace arngate::log {
namespace {

constexpr auto level_names = std::to_array<std::string_view>({"trace", "debug", "info", "warning", "error", "fatal"});

std::string_view name_of(Level level) {
    return level_names[std::min(static_cast<std::size_t>(level), level_names.size() - 1)];
}

/// Where lines end: standard error, or a test's function. Counts them, since spdlog's flush of a background logger only
/// asks for one.
class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    LineSink(std::function<void(std::string_view)> function, std::atomic<std::uint64_t>& written)
        : function_(std::move(function)), written_(written) {}

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        if (function_) {
            function_({message.payload.data(), message.payload.size()});
        } else {
            line_.assign(message.payload.data(), message.payload.size());
            line_ += '\n';
            std::fwrite(line_.data(), 1, line_.size(), stderr);
        }
        written_.fetch_add(1, std::memory_order_release);
    }
    void flush_() override { std::fflush(stderr); }

private:
    std::function<void(std::string_view)> function_;
    std::atomic<std::uint64_t>& written_;
    std::string line_;
};

/// How long `flush` waits for a reader of standard error that may never come.
constexpr auto longest_flush = std::chrono::seconds(2);

struct State {
    std::mutex mutex;
    std::atomic<std::uint64_t> submitted{0};
    std::atomic<std::uint64_t> written{0};
    Options options;
    std::function<void(std::string_view)> sink;
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::uint64_t dropped_before = 0;  ///< by the queues of earlier configurations
    std::shared_ptr<spdlog::logger> logger;
};

// Never destroyed: threads may log while the process ends.
State& state() {
    static auto* instance = new State;
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

void rebuild(State& s) {
    spdlog::sink_ptr sink = std::make_shared<LineSink>(s.sink, s.written);
    s.dropped_before += s.pool == nullptr ? 0 : s.pool->overrun_counter();
    if (s.options.delivery == Delivery::background) {
        s.pool = std::make_shared<spdlog::details::thread_pool>(s.options.queue_lines, 1);
        s.logger = std::make_shared<spdlog::async_logger>(
            "arngate", std::move(sink), s.pool, spdlog::async_overflow_policy::overrun_oldest
        );
    } else {
        s.logger = std::make_shared<spdlog::logger>("arngate", std::move(sink));
        s.pool.reset();
    }
    s.logger->set_level(spdlog::level::trace);
    s.logger->flush_on(s.options.delivery == Delivery::at_once ? spdlog::level::trace : spdlog::level::err);
}

std::shared_ptr<spdlog::logger> logger() {
    State& s = state();
    const std::scoped_lock lock(s.mutex);
    if (s.logger == nullptr) {
        rebuild(s);
    }
    return s.logger;
}

/// logrus leaves a value bare when it holds only these.
bool is_bare(std::string_view value) {
    return std::ranges::all_of(value, [](char c) {
        return text::is_alnum(c) || std::string_view("-._/@^+").contains(c);
    });
}

void append_quoted(std::string& out, std::string_view value) {
    out += '"';
    for (const char c : value) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
                    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

void append_logfmt_text(std::string& out, std::string_view value) {
    if (is_bare(value)) {
        out += value;
    } else {
        append_quoted(out, value);
    }
}

void append_logfmt(std::string& out, const Field::Value& value) {
    if (const auto* string = std::get_if<std::string_view>(&value)) {
        append_logfmt_text(out, *string);
    } else if (const auto* list = std::get_if<std::span<const std::string>>(&value)) {
        append_quoted(out, fmt::format("[{}]", fmt::join(*list, " ")));
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        fmt::format_to(std::back_inserter(out), "{}", *integer);
    } else if (const auto* number = std::get_if<double>(&value)) {
        fmt::format_to(std::back_inserter(out), "{:.6g}", *number);
    } else {
        out += std::get<bool>(value) ? "true" : "false";
    }
}

void append_json(std::string& out, const Field::Value& value) {
    if (const auto* string = std::get_if<std::string_view>(&value)) {
        append_quoted(out, *string);
    } else if (const auto* list = std::get_if<std::span<const std::string>>(&value)) {
        out += '[';
        for (const auto& item : *list) {
            if (out.back() != '[') {
                out += ',';
            }
            append_quoted(out, item);
        }
        out += ']';
    } else {
        append_logfmt(out, value);
    }
}

std::string now_text() {
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

std::optional<Level> parse_level(std::string_view name) {
    const std::string lower = text::to_lower(name);
    if (lower == "warn") {
        return Level::warning;
    }
    if (lower == "panic") {
        return Level::fatal;
    }
    const auto found = std::ranges::find(level_names, lower);
    if (found == level_names.end()) {
        return std::nullopt;
    }
    return static_cast<Level>(found - level_names.begin());
}

void configure(const Options& options) {
    State& s = state();
    const std::scoped_lock lock(s.mutex);
    s.options = options;
    current_level().store(options.level, std::memory_order_relaxed);
    current_format().store(options.format, std::memory_order_relaxed);
    rebuild(s);
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
    State& s = state();
    const std::scoped_lock lock(s.mutex);
    s.sink = std::move(sink);
    rebuild(s);
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
    write(level, message, std::span<const Field>(fields.begin(), fields.size()));
}

void write(Level level, std::string_view message, std::span<const Field> fields) {
    if (!enabled(level)) {
        return;
    }
    const std::string line =
        format_line(current_format().load(std::memory_order_relaxed), level, message, fields, now_text());
    state().submitted.fetch_add(1, std::memory_order_relaxed);
    logger()->log(level >= Level::error ? spdlog::level::err : spdlog::level::info, spdlog::string_view_t(line));
}

void flush() {
    State& s = state();
    const std::uint64_t wanted = s.submitted.load(std::memory_order_relaxed);
    const auto give_up = std::chrono::steady_clock::now() + longest_flush;
    logger()->flush();
    while (s.written.load(std::memory_order_acquire) + dropped() < wanted && std::chrono::steady_clock::now() < give_up
    ) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

std::uint64_t dropped() noexcept {
    State& s = state();
    const std::scoped_lock lock(s.mutex);
    return s.dropped_before + (s.pool == nullptr ? 0 : s.pool->overrun_counter());
}

std::string format_line(
    Format format, Level level, std::string_view message, std::span<const Field> fields, std::string_view time
) {
    std::vector<const Field*> sorted;
    sorted.reserve(fields.size() + 3);
    for (const Field& field : fields) {
        sorted.push_back(&field);
    }
    std::string out;
    out.reserve(128 + fields.size() * 32);
    if (format == Format::logfmt) {
        std::ranges::sort(sorted, {}, &Field::key);
        out += "time=";
        append_quoted(out, time);
        out += " level=";
        out += name_of(level);
        out += " msg=";
        append_logfmt_text(out, message);
        for (const Field* field : sorted) {
            out += ' ';
            out += field->key;
            out += '=';
            append_logfmt(out, field->value);
        }
        return out;
    }
    const Field level_field("level", name_of(level));
    const Field message_field("msg", message);
    const Field time_field("time", time);
    sorted.insert(sorted.end(), {&level_field, &message_field, &time_field});
    std::ranges::sort(sorted, {}, &Field::key);
    out += '{';
    for (const Field* field : sorted) {
        if (out.size() > 1) {
            out += ',';
        }
        append_quoted(out, field->key);
        out += ':';
        append_json(out, field->value);
    }
    out += '}';
    return out;
}

}  // namespace arngate::log
