#include "config/plain_scalar.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>

namespace arngate::config {
namespace {

/// A number of at most 64 bits in the base that its prefix names, as Go's strconv.ParseInt and ParseUint with base 0.
std::optional<std::string> integer_text(std::string_view plain) {
    bool negative = false;
    if (!plain.empty() && (plain.front() == '+' || plain.front() == '-')) {
        negative = plain.front() == '-';
        plain.remove_prefix(1);
    }
    int base = 10;
    if (plain.size() > 1 && plain.front() == '0') {
        const char letter = text::ascii_lower(plain[1]);
        base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
        plain.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
    }
    std::uint64_t magnitude = 0;
    const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), magnitude, base);
    if (plain.empty() || error != std::errc{} || end != plain.data() + plain.size())
        return std::nullopt;
    if (negative && magnitude > std::uint64_t{1} << 63U)
        return std::nullopt;
    return (negative && magnitude != 0 ? "-" : "") + std::to_string(magnitude);
}

/// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool has_form_of_float(std::string_view plain) {
    std::size_t i = 0;
    const auto digits = [&] {
        const std::size_t start = i;
        while (i < plain.size() && text::is_digit(plain[i]))
            ++i;
        return i - start;
    };
    if (i < plain.size() && (plain[i] == '+' || plain[i] == '-'))
        ++i;
    const bool whole = digits() > 0;
    if (i < plain.size() && plain[i] == '.') {
        ++i;
        if (digits() == 0 && !whole)
            return false;
    } else if (!whole) {
        return false;
    }
    if (i < plain.size() && (plain[i] == 'e' || plain[i] == 'E')) {
        ++i;
        if (i < plain.size() && (plain[i] == '+' || plain[i] == '-'))
            ++i;
        if (digits() == 0)
            return false;
    }
    return i == plain.size();
}

std::optional<std::string> float_text(std::string_view plain) {
    if (!has_form_of_float(plain))
        return std::nullopt;
    if (plain.front() == '+')
        plain.remove_prefix(1);
    double number = 0;
    const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), number);
    if (error != std::errc{} || end != plain.data() + plain.size() || !std::isfinite(number))
        return std::nullopt;
    return decimal_text(number);
}

}  // namespace

std::string decimal_text(double number) {
    std::array<char, 512> buffer{};  // the longest double has 309 digits before the point, or 327 behind it
    const auto [end, error] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed);
    return error == std::errc{} ? std::string(buffer.data(), end) : std::string();
}

namespace {

/// What a scalar of YAML may begin with that is no text. All others are the rule.
constexpr bool may_be_no_text(char first) noexcept {
    return text::is_digit(first) || std::string_view("+-.~nNtTfFyYoO").contains(first);
}

/// By the rules of yaml.v3.
void set_scalar(Node& node, std::string_view written) {
    if (written.empty() || written == "~" || written == "null" || written == "Null" || written == "NULL")
        return;
    node.kind = Node::Kind::text;
    node.text = written;
    if (written == "true" || written == "True" || written == "TRUE" || written == "false" || written == "False" ||
        written == "FALSE") {
        node.kind = Node::Kind::boolean;
        node.text = text::to_lower(written);
        return;
    }
    const char first = written.front();
    if (!text::is_digit(first) && first != '+' && first != '-' && first != '.')
        return;
    std::string plain(written);
    std::erase(plain, '_');
    if (plain.empty())
        return;
    std::optional<std::string> number = integer_text(plain);
    if (!number)
        number = float_text(plain);
    if (!number)
        return;
    node.kind = Node::Kind::number;
    node.text = *std::move(number);
    node.written = written;
}

/// By those of yaml.v2.
void set_yaml_1_1_scalar(Node& node, std::string_view written) {
    static constexpr auto truths =
        std::to_array<std::string_view>({"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"});
    static constexpr auto untruths =
        std::to_array<std::string_view>({"n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"});
    static constexpr auto no_numbers = std::to_array<std::string_view>(
        {".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"}
    );
    const auto is_one_of = [written](const auto& words) { return std::ranges::find(words, written) != words.end(); };
    const bool truth = is_one_of(truths);
    if (truth || is_one_of(untruths)) {
        node.kind = Node::Kind::boolean;
        node.text = truth ? "true" : "false";
        node.written = written;
    } else if (is_one_of(no_numbers)) {
        node.kind = Node::Kind::number;
        node.text = written;
        node.written = written;
    } else {
        set_scalar(node, written);
    }
}

}  // namespace

void set_plain_scalar(Node& node, std::string_view written, YamlDialect dialect) {
    if (!written.empty() && !may_be_no_text(written.front())) {
        node.kind = Node::Kind::text;
        node.text = written;
    } else if (dialect == YamlDialect::kubernetes) {
        set_yaml_1_1_scalar(node, written);
    } else {
        set_scalar(node, written);
    }
}

}  // namespace arngate::config
