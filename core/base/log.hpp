#pragma once

#include "core/base/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

/// Structured logging: one line an event, logfmt as the logrus library of Go writes it (so existing log queries keep
/// working) or JSON. Lines are formatted by the caller and written by one background thread in a server, a few
/// milliseconds later and many at a time, or at once in a command. When too much waits, the oldest lines are dropped
/// and counted; a caller never waits.
namespace arngate::log {

enum class Level : std::uint8_t { trace, debug, info, warning, error, fatal, off };
enum class Format : std::uint8_t { logfmt, json };
enum class Delivery : std::uint8_t { at_once, background };

/// "trace", "debug", "info", "warning" (also "warn"), "error", "fatal", "panic" (read as fatal), letters of any case.
[[nodiscard]] std::optional<Level> parse_level(std::string_view name);

/// One key and its value. Values are borrowed until the call returns. A Secret is no value: log `secret.digest()`.
struct Field {
    using Value = std::variant<std::string_view, std::int64_t, double, bool, std::span<const std::string>>;

    Field(std::string_view k, std::string_view v) : key(k), value(v) {}
    Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
    Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
    Field(std::string_view k, std::span<const std::string> v) : key(k), value(v) {}
    Field(std::string_view k, bool v) : key(k), value(v) {}
    Field(std::string_view k, double v) : key(k), value(v) {}
    template <class T>
        requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
    Field(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
    Field(std::string_view k, const Secret& v) = delete;

    std::string_view key;
    Value value;
};

struct Options {
    Level level = Level::info;
    Format format = Format::logfmt;
    Delivery delivery = Delivery::at_once;
    std::size_t queue_bytes = std::size_t{4} * 1024 * 1024;  ///< of lines that may wait for the background writer
};

/// Sets up the process-wide logger. Thread-safe, as all of this is. Leaving the background writes what waits.
void configure(const Options& options);
/// Changes the level alone. Thread-safe.
void set_level(Level level) noexcept;
[[nodiscard]] Level level() noexcept;
[[nodiscard]] bool enabled(Level level) noexcept;

/// Sends every line to this function instead of standard error, for tests; an empty function restores standard error.
void set_sink(std::function<void(std::string_view line)> sink);

void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});
void write(Level level, std::string_view message, std::span<const Field> fields);

inline void debug(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::debug, message, fields);
}
inline void info(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::info, message, fields);
}
inline void warning(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::warning, message, fields);
}
inline void error(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::error, message, fields);
}

/// Waits until what was written so far has reached standard error; at most 2 s, should nobody read it.
void flush();
/// Lines dropped because the queue was full.
[[nodiscard]] std::uint64_t dropped() noexcept;

/// Appends the line for an event, without a line end, to `out`.
void append_line(
    std::string& out,
    Format format,
    Level level,
    std::string_view message,
    std::span<const Field> fields,
    std::string_view time
);

}  // namespace arngate::log
