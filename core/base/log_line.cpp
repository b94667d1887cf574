#include "core/base/log.hpp"

#include "core/base/byte_set.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace arngate::log {
namespace {

constexpr auto level_names = std::to_array<std::string_view>({"trace", "debug", "info", "warning", "error", "fatal"});

std::string_view name_of(Level level) {
    return level_names[std::min(static_cast<std::size_t>(level), level_names.size() - 1)];
}

/// logrus leaves a value bare when it holds only these.
constexpr text::ByteSet bare_bytes([](char c) { return text::is_alnum(c) || std::string_view("-._/@^+").contains(c); });

/// Bytes that stand for themselves between the quotes of logfmt.
constexpr text::ByteSet plain_bytes([](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != 0x7F;
});

/// Those of frequent lines come sorted.
void sort_by_key(std::span<const Field*> fields) {
    if (!std::ranges::is_sorted(fields, {}, &Field::key)) {
        std::ranges::sort(fields, {}, &Field::key);
    }
}

/// The inside of a text that logfmt has in quotes.
void append_inside(std::string& out, std::string_view value) {
    while (!value.empty()) {
        const std::size_t plain = plain_bytes.run_length(value);
        out += value.substr(0, plain);
        if (plain == value.size()) {
            return;
        }
        append_json_escape(out, value[plain]);
        value.remove_prefix(plain + 1);
    }
}

void append_logfmt_text(std::string& out, std::string_view value) {
    if (bare_bytes.contains_all(value)) {
        out += value;
    } else {
        out += '"';
        append_inside(out, value);
        out += '"';
    }
}

/// What looks the same in both formats.
void append_scalar(std::string& out, const Field::Value& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        fmt::format_to(std::back_inserter(out), FMT_COMPILE("{}"), *integer);
    } else if (const auto* number = std::get_if<double>(&value)) {
        fmt::format_to(std::back_inserter(out), FMT_COMPILE("{:.6g}"), *number);
    } else {
        out += std::get<bool>(value) ? "true" : "false";
    }
}

void append_logfmt(std::string& out, const Field::Value& value) {
    if (const auto* string = std::get_if<std::string_view>(&value)) {
        append_logfmt_text(out, *string);
    } else if (const auto* list = std::get_if<std::span<const std::string>>(&value)) {
        out += "\"[";
        for (const std::string& item : *list) {
            if (&item != list->data()) {
                out += ' ';
            }
            append_inside(out, item);
        }
        out += "]\"";
    } else {
        append_scalar(out, value);
    }
}

void append_json(std::string& out, const Field::Value& value) {
    if (const auto* string = std::get_if<std::string_view>(&value)) {
        append_json_string(out, *string);
    } else if (const auto* list = std::get_if<std::span<const std::string>>(&value)) {
        out += '[';
        for (const std::string& item : *list) {
            if (&item != list->data()) {
                out += ',';
            }
            append_json_string(out, item);
        }
        out += ']';
    } else {
        append_scalar(out, value);
    }
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

void append_line(
    std::string& out,
    Format format,
    Level level,
    std::string_view message,
    std::span<const Field> fields,
    std::string_view time
) {
    // Usual lines have no more fields than this, so that sorting them allocates nothing.
    constexpr std::size_t usual_fields = 20;
    boost::container::small_vector<const Field*, usual_fields> sorted;
    for (const Field& field : fields) {
        sorted.push_back(&field);
    }
    if (format == Format::logfmt) {
        sort_by_key(sorted);
        out += "time=\"";
        out += time;
        out += "\" level=";
        out += name_of(level);
        out += " msg=";
        append_logfmt_text(out, message);
        for (const Field* field : sorted) {
            out += ' ';
            out += field->key;
            out += '=';
            append_logfmt(out, field->value);
        }
        return;
    }
    const Field level_field("level", name_of(level));
    const Field message_field("msg", message);
    const Field time_field("time", time);
    for (const Field* own : {&level_field, &message_field, &time_field}) {
        sorted.push_back(own);
    }
    sort_by_key(sorted);
    char before = '{';
    for (const Field* field : sorted) {
        out += before;
        append_json_string(out, field->key);
        out += ':';
        append_json(out, field->value);
        before = ',';
    }
    out += '}';
}

}  // namespace arngate::log
