#include "config/value.hpp"

#include "config/text_form.hpp"
#include "core/aws/partition.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>

namespace arngate::config {
namespace {

using Parsed = std::expected<Value, WrongValue>;

std::unexpected<WrongValue> wrong(const Key& key, const Node& node, std::string advice = {}) {
    return std::unexpected(WrongValue{
        node.at,
        key.secret && node.is_scalar() ? "a value that is not shown" : describe_node(node),
        expected_text(key),
        std::move(advice),
    });
}

/// A word of a blank-separated list, as the list spells it.
std::optional<std::string_view> find_word(std::string_view words, std::string_view text, bool any_case) {
    if (words.empty())
        return std::nullopt;
    for (const std::string_view word : text::split(words, ' ')) {
        if (any_case ? text::iequals(word, text) : word == text)
            return word;
    }
    return std::nullopt;
}

Parsed parse_number(const Key& key, const Node& node, std::optional<std::int64_t> number) {
    if (!number || *number < key.minimum || *number > key.maximum || *number % key.step != 0)
        return wrong(key, node);
    return *number;
}

Parsed parse_text(const Key& key, const Node& node) {
    std::string text = scalar_text(node);
    if (!(text.empty() && key.default_text.empty()) && !has_form(text, key.form))
        return wrong(key, node);
    return text;
}

Parsed parse_word(const Key& key, const Node& node) {
    std::string text = scalar_text(node);
    if (const auto word = find_word(key.choices, text, key.any_case))
        return std::string(*word);
    if (key.is_partition && aws::find_partition(text) != nullptr)
        return text;
    const std::vector<std::string_view> words = text::split(key.choices, ' ');
    const std::string_view nearest = nearest_word(text, words);
    return wrong(key, node, nearest.empty() ? std::string() : fmt::format("Did you mean {}?", nearest));
}

Parsed parse_list(const Key& key, const Node& node) {
    std::vector<std::string> list;
    if (node.kind != Node::Kind::list) {
        list = key.separator == 0 ? std::vector<std::string>{scalar_text(node)}
                                  : split_list(scalar_text(node), key.separator);
        if (key.separator == 0 && list.front().empty())
            list.clear();
    }
    for (const Node& item : node.items) {
        if (item.kind == Node::Kind::list || item.kind == Node::Kind::map) {
            return wrong(key, item);
        }
        list.push_back(scalar_text(item));
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (has_form(list[i], key.form))
            continue;
        const Position at = node.kind == Node::Kind::list ? node.items[i].at : node.at;
        return std::unexpected(WrongValue{at, quote(list[i]), expected_text(key), {}});
    }
    return list;
}

}  // namespace

std::expected<Value, WrongValue> parse_value(const Key& key, const Node& node) {
    const bool list = key.type == ValueType::text_list;
    if (!node.is_scalar() && !(list && node.kind == Node::Kind::list))
        return wrong(key, node);
    switch (key.type) {
        case ValueType::text:
            return parse_text(key, node);
        case ValueType::boolean: {
            const std::optional<bool> value = parse_boolean(node.text);
            if (!value)
                return wrong(key, node, "Write true or false.");
            return *value;
        }
        case ValueType::integer:
            return parse_number(key, node, parse_integer(node.text));
        case ValueType::size:
            return parse_number(key, node, parse_size(node.text));
        case ValueType::duration:
            if (find_word(key.choices, node.text, key.any_case))
                return std::monostate{};
            return parse_number(key, node, parse_duration(node.text));
        case ValueType::enumeration:
            return parse_word(key, node);
        case ValueType::text_list:
        case ValueType::object_list:
            break;
    }
    return parse_list(key, node);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

std::optional<bool> parse_boolean(std::string_view text) {
    constexpr std::array<std::string_view, 6> yes{"true", "True", "TRUE", "t", "T", "1"};
    constexpr std::array<std::string_view, 6> no{"false", "False", "FALSE", "f", "F", "0"};
    for (const std::string_view word : yes) {
        if (text == word)
            return true;
    }
    for (const std::string_view word : no) {
        if (text == word)
            return false;
    }
    return std::nullopt;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
    struct Unit {
        std::string_view name;
        std::int64_t milliseconds;
    };
    constexpr std::array<Unit, 4> units{{{"ms", 1}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}}};
    constexpr std::int64_t longest = std::int64_t{366} * 24 * 3'600'000;

    if (text.empty())
        return std::nullopt;
    std::string with_unit;
    if (text.find_first_not_of("0123456789.") == std::string_view::npos) {
        with_unit = std::string(text) + "s";
        text = with_unit;
    }
    std::int64_t total = 0;
    while (!text.empty()) {
        const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
        const std::optional<std::int64_t> whole = parse_integer(text.substr(0, digits));
        if (!whole || *whole > longest)
            return std::nullopt;
        text.remove_prefix(digits);
        std::int64_t fraction = 0;
        std::int64_t divisor = 1;
        if (text.starts_with('.')) {
            const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
            if (end == 1 || end > 10)
                return std::nullopt;
            fraction = parse_integer(text.substr(1, end - 1)).value_or(0);
            for (std::size_t i = 1; i < end; ++i)
                divisor *= 10;
            text.remove_prefix(end);
        }
        const Unit* unit = nullptr;
        for (const Unit& candidate : units) {
            if (unit == nullptr && text.starts_with(candidate.name))
                unit = &candidate;
        }
        if (unit == nullptr || fraction * unit->milliseconds % divisor != 0)
            return std::nullopt;
        text.remove_prefix(unit->name.size());
        if (*whole > longest / unit->milliseconds)
            return std::nullopt;
        total += *whole * unit->milliseconds + fraction * unit->milliseconds / divisor;
        if (total > longest)
            return std::nullopt;
    }
    return total;
}

std::optional<std::int64_t> parse_size(std::string_view text) {
    constexpr std::int64_t largest = std::int64_t{1} << 53U;
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::optional<std::int64_t> number = parse_integer(text.substr(0, digits));
    const std::string_view unit = text.substr(digits);
    std::int64_t factor = 1;
    if (unit == "KiB" || unit == "Ki") {
        factor = std::int64_t{1} << 10U;
    } else if (unit == "MiB" || unit == "Mi") {
        factor = std::int64_t{1} << 20U;
    } else if (unit == "GiB" || unit == "Gi") {
        factor = std::int64_t{1} << 30U;
    } else if (!unit.empty()) {
        return std::nullopt;
    }
    if (!number || *number >= largest / factor)
        return std::nullopt;
    return *number * factor;
}

std::string scalar_text(const Node& node) {
    return node.is_scalar() ? node.text : std::string();
}

std::vector<std::string> split_list(std::string_view text, char separator) {
    std::vector<std::string> pieces;
    if (text.empty())
        return pieces;
    if (separator != ' ') {
        for (const std::string_view piece : text::split(text, separator))
            pieces.emplace_back(piece);
        return pieces;
    }
    constexpr std::string_view blanks = " \t\r\n\v\f";
    for (std::size_t start = text.find_first_not_of(blanks); start != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(blanks, start), text.size());
        pieces.emplace_back(text.substr(start, end - start));
        start = text.find_first_not_of(blanks, end);
    }
    return pieces;
}

std::string expected_text(const Key& key) {
    switch (key.type) {
        case ValueType::text:
            return key.constraint.empty() ? "text without control characters" : std::string(key.constraint);
        case ValueType::boolean:
            return "true or false";
        case ValueType::integer:
            return fmt::format("a whole number from {}", key.constraint);
        case ValueType::size:
            return fmt::format("a size from {}", key.constraint);
        case ValueType::duration:
            return fmt::format("a duration from {}", key.constraint);
        case ValueType::enumeration:
            return std::string(key.constraint);
        case ValueType::text_list:
        case ValueType::object_list:
            break;
    }
    return "a list" + (key.constraint.empty() ? std::string() : fmt::format(": {}", key.constraint));
}

}  // namespace arngate::config
