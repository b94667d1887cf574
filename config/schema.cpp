#include "config/schema.hpp"

#include "config/environment_name.hpp"
#include "config/schema/rows.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <vector>

namespace arngate::config {
namespace {

using schema_rows::kib;
using schema_rows::mib;
using schema_rows::minute;
using schema_rows::second;

using enum ValueType;

std::string size_text(std::int64_t bytes) {
    if (bytes >= mib && bytes % mib == 0)
        return fmt::format("{}MiB", bytes / mib);
    if (bytes >= kib && bytes % kib == 0)
        return fmt::format("{}KiB", bytes / kib);
    return fmt::format("{}", bytes);
}

std::string duration_text(std::int64_t milliseconds) {
    if (milliseconds % second != 0)
        return fmt::format("{}ms", milliseconds);
    if (milliseconds >= minute && milliseconds % minute == 0)
        return fmt::format("{}m", milliseconds / minute);
    return fmt::format("{}s", milliseconds / second);
}

std::string words_text(std::string_view words) {
    std::string out;
    for (const std::string_view word : text::split(words, ' ')) {
        if (!out.empty())
            out += ", ";
        out += word;
    }
    return out;
}

/// The constraint of a row in words, from the very values that loading enforces.
std::string constraint_of(const Key& key) {
    switch (key.type) {
        case integer:
            return fmt::format("{} to {}", key.minimum, key.maximum);
        case size:
            return fmt::format("{} to {}", size_text(key.minimum), size_text(key.maximum));
        case duration:
            return fmt::format("{} to {}", duration_text(key.minimum), duration_text(key.maximum)) +
                   (key.step == second ? " in whole seconds" : "") +
                   (key.choices.empty() ? "" : fmt::format(", or {}", words_text(key.choices)));
        case enumeration:
            return fmt::format(
                "one of {}{}", words_text(key.choices), key.is_partition ? ", or an id of sts.partitions" : ""
            );
        case boolean:
            return "true or false";
        case text:
        case text_list:
        case object_list:
            break;
    }
    switch (key.form) {
        case TextForm::ip_address:
            return "an IP address";
        case TextForm::host_name:
            return "a host name or an IP address";
        case TextForm::dotted_host:
            return "a lower-case host name with a dot";
        case TextForm::region_label:
            return "a region such as eu-central-1";
        case TextForm::role_arn:
            return "the ARN of a role, such as arn:aws:iam::123456789012:role/Name";
        case TextForm::arn:
            return "an ARN";
        case TextForm::connect_to:
            return "HOST1:PORT1:HOST2:PORT2";
        case TextForm::any:
            break;
    }
    return std::string(key.constraint);
}

/// Entries have no form in one variable.
bool has_variable(const Key& key) {
    return !key.obsolete && key.type != object_list && key.path != "server.mapAccounts";
}

/// The variables of the row, and behind them the one made from its path.
std::string environment_of(const Key& key) {
    std::string names(key.environment);
    if (const std::string own = environment_name(key.path); has_variable(key) && own != key.environment)
        names += (names.empty() ? "" : " ") + own;
    return names;
}

struct Table {
    Table() {
        using namespace schema_rows;
        for (const auto section :
             {common(), client(), server(), server_tls(), mapping(), sts(), cache(), limits(), answers()}) {
            for (const Key& row : section) {
                Key key = row;
                key.constraint = texts.emplace_back(constraint_of(row));
                key.environment = texts.emplace_back(environment_of(row));
                keys.push_back(key);
            }
        }
    }
    std::deque<std::string> texts;  ///< what the keys made here point into
    std::vector<Key> keys;
};

const Table& table() noexcept {
    static const Table built;
    return built;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            const bool same = text::ascii_lower(a[i - 1]) == text::ascii_lower(b[j - 1]);
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (same ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

/// Longer texts are nobody's typing error, and the distance costs their length times that of every key.
constexpr std::size_t longest_typo = 80;

std::size_t tolerance(std::string_view text) {
    return text.size() <= 3 ? 1 : text.size() <= 8 ? 2 : 3;
}

std::string_view leaf(std::string_view path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

}  // namespace

std::span<const Key> schema() noexcept {
    return table().keys;
}

const Key* find_key(std::string_view path) noexcept {
    const auto keys = schema();
    const auto found = std::ranges::find_if(keys, [&](const Key& key) { return text::iequals(key.path, path); });
    return found == keys.end() ? nullptr : &*found;
}

std::string_view nearest_key(std::string_view path) {
    if (path.empty() || path.size() > longest_typo)
        return {};
    std::string_view best;
    std::size_t best_distance = tolerance(leaf(path)) + 1;
    for (const Key& key : schema()) {
        if (key.obsolete)
            continue;
        // A key in the wrong section counts as one slip, whatever the section.
        const std::size_t distance =
            std::min(edit_distance(path, key.path), edit_distance(leaf(path), leaf(key.path)) + 1);
        if (distance < best_distance) {
            best = key.path;
            best_distance = distance;
        }
    }
    return best;
}

bool is_section(std::string_view path) noexcept {
    return std::ranges::any_of(schema(), [&](const Key& key) {
        return key.path.size() > path.size() && key.path[path.size()] == '.' &&
               text::iequals(key.path.substr(0, path.size()), path);
    });
}

bool is_server_key(const Key& key) noexcept {
    return key.path.find('.') != std::string_view::npos && !key.path.starts_with("sts.");
}

std::string_view nearest_word(std::string_view text, std::span<const std::string_view> words) {
    if (text.empty() || text.size() > longest_typo)
        return {};
    std::string_view best;
    std::size_t best_distance = tolerance(text) + 1;
    for (const std::string_view word : words) {
        const std::size_t distance = edit_distance(text, word);
        if (distance < best_distance) {
            best = word;
            best_distance = distance;
        }
    }
    return best;
}

}  // namespace arngate::config
