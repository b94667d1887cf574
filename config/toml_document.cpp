#include "config/toml_document.hpp"

#include "config/plain_scalar.hpp"
#include "core/base/text.hpp"

// Some malformed texts ("a = [}") break what toml++ asserts, and where assertions are off it lets the optimiser assume
// them. Here they are on, whatever the build, and throw.
namespace {
struct TomlAssertion {};
[[noreturn]] void fail_assertion() {
    throw TomlAssertion{};
}
}  // namespace
#undef NDEBUG
#define TOML_ASSERT(expr) (static_cast<bool>(expr) ? static_cast<void>(0) : fail_assertion())
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

namespace arngate::config {
namespace {

Position position_of(const toml::source_region& source) {
    return {static_cast<int>(source.begin.line), static_cast<int>(source.begin.column)};
}

template <class Value>
std::string printed(const Value& value) {
    std::ostringstream out;
    out << value;
    return std::move(out).str();
}

Node convert(const toml::node& source);

Node convert_table(const toml::table& table) {
    Node node;
    node.kind = Node::Kind::map;
    for (const auto& [key, value] : table) {
        node.members.push_back({std::string(key.str()), position_of(key.source()), convert(value)});
    }
    // The library sorts by name; messages and later rules follow the order written.
    std::ranges::sort(node.members, [](const Member& a, const Member& b) {
        return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
    });
    return node;
}

/// The library bounds how deep values nest (TOML_MAX_NESTED_VALUES, 256), and with it this recursion.
Node convert(const toml::node& source) {
    Node node;
    if (const toml::table* table = source.as_table()) {
        node = convert_table(*table);
    } else if (const toml::array* array = source.as_array()) {
        node.kind = Node::Kind::list;
        for (const toml::node& item : *array)
            node.items.push_back(convert(item));
    } else if (const auto* text = source.as_string()) {
        node.kind = Node::Kind::text;
        node.text = text->get();
    } else if (const auto* boolean = source.as_boolean()) {
        node.kind = Node::Kind::boolean;
        node.text = boolean->get() ? "true" : "false";
    } else if (const auto* integer = source.as_integer()) {
        node.kind = Node::Kind::number;
        node.text = std::to_string(integer->get());
        node.written = node.text;
    } else if (const auto* number = source.as_floating_point()) {
        node.kind = Node::Kind::number;
        node.text = decimal_text(number->get());
        node.written = node.text;
    } else {
        node.kind = Node::Kind::text;
        if (const auto* date = source.as_date())
            node.text = printed(date->get());
        if (const auto* time = source.as_time())
            node.text = printed(time->get());
        if (const auto* moment = source.as_date_time())
            node.text = printed(moment->get());
    }
    node.at = position_of(source.source());
    return node;
}

/// The first byte beyond ASCII. toml++ holds some characters outside of strings for impossible and lets the optimiser
/// assume so; TOML itself can write every character of a string as an escape.
std::optional<Position> find_non_ascii(std::string_view document) {
    int line = 0;
    for (const std::string_view row : text::split(document, '\n')) {
        ++line;
        const auto beyond = std::ranges::find_if(row, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
        if (beyond != row.end()) {
            return Position{line, static_cast<int>(beyond - row.begin()) + 1};
        }
    }
    return std::nullopt;
}

}  // namespace

std::expected<Node, SyntaxError> read_toml(std::string_view text) {
    if (const auto at = find_non_ascii(text)) {
        return std::unexpected(
            SyntaxError{*at, "a character that is not ASCII", "Write it as \\uXXXX inside double quotes."}
        );
    }
    try {
        return convert(toml::parse(text));
    } catch (const toml::parse_error& error) {
        return std::unexpected(
            SyntaxError{position_of(error.source()), "text that is not TOML: " + std::string(error.description()), {}}
        );
    } catch (const TomlAssertion&) {
        return std::unexpected(SyntaxError{{1, 1}, "text that is not TOML", "Check brackets, braces and commas."});
    }
}

}  // namespace arngate::config
