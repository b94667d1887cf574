#include "config/check/kind.hpp"

#include "config/schema.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace arngate::config::check {
namespace {

constexpr std::string_view blanks = " \t\r\n";

constexpr auto words = std::to_array<std::pair<std::string_view, Kind>>({
    {"config", Kind::configuration},
    {"manifest", Kind::manifests},
    {"configmap-data", Kind::config_map_data},
    {"dynamic-file", Kind::dynamic_file},
    {"dynamic-file-strict", Kind::dynamic_file_strict},
});

/// Extensions of configurations alone, and of those that Kubernetes objects and dynamic files have, too.
constexpr auto own_formats = std::to_array<std::string_view>({".toml", ".env", ".dotenv"});
constexpr auto shared_formats = std::to_array<std::string_view>({".yaml", ".yml", ".json"});

bool has_extension(std::string_view file, std::string_view extension) {
    return file.size() > extension.size() && text::iequals(file.substr(file.size() - extension.size()), extension);
}

/// What the outermost keys say.
class Outline {
public:
    /// `value`: the text behind the colon.
    void add(std::string_view key, std::string_view value) {
        constexpr auto parts = std::to_array<std::string_view>({"mapRoles", "mapUsers", "mapAccounts"});
        if (key == "apiVersion")
            has_api_version_ = true;
        else if (key == "kind")
            has_kind_ = true;
        if (std::ranges::any_of(parts, [&](std::string_view part) { return text::iequals(part, key); })) {
            const std::size_t first = value.find_first_not_of(" \t");
            const char c = first == std::string_view::npos ? '\0' : value[first];
            (c == '|' || c == '>' || c == '"' || c == '\'' ? has_text_part_ : has_list_part_) = true;
        } else if (text::iequals(key, "LastUpdatedDateTime")) {
            has_list_part_ = true;
        } else if (find_key(key) != nullptr || is_section(key)) {
            has_setting_ = true;
        }
    }

    [[nodiscard]] std::optional<Kind> kind(bool is_json) const {
        if (has_api_version_ && has_kind_)
            return Kind::manifests;
        if (has_setting_)
            return Kind::configuration;
        if (has_text_part_)
            return Kind::config_map_data;
        if (has_list_part_)
            return is_json ? Kind::dynamic_file : Kind::configuration;
        return std::nullopt;
    }

private:
    bool has_api_version_ = false;
    bool has_kind_ = false;
    bool has_setting_ = false;
    bool has_text_part_ = false;
    bool has_list_part_ = false;
};

/// Keys of a JSON object, which are strings in its outermost braces with a colon behind them.
void read_braces(std::string_view text, Outline& outline) {
    std::size_t depth = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            if (depth > 0)
                --depth;
        } else if (c == '"') {
            const std::size_t begin = at + 1;
            for (++at; at < text.size() && text[at] != '"'; ++at) {
                if (text[at] == '\\')
                    ++at;
            }
            if (at >= text.size())
                return;
            const std::size_t next = text.find_first_not_of(blanks, at + 1);
            if (depth == 1 && next != std::string_view::npos && text[next] == ':')
                outline.add(text.substr(begin, at - begin), text.substr(next + 1, 64));
        }
    }
}

/// Keys that begin a line.
void read_lines(std::string_view text, Outline& outline) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const bool is_quoted = line.starts_with('"') || line.starts_with('\'');
        if (line.empty() || (!is_quoted && !text::is_alnum(line.front())))
            continue;
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos)
            continue;
        std::string_view key = text::trim(line.substr(0, colon));
        if (is_quoted) {
            if (key.size() < 2 || key.back() != key.front())
                continue;
            key = key.substr(1, key.size() - 2);
        }
        outline.add(key, line.substr(colon + 1));
    }
}

}  // namespace

std::optional<Kind> find_kind(std::string_view word) noexcept {
    const auto* found = std::ranges::find(words, word, &std::pair<std::string_view, Kind>::first);
    return found == words.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Kind> guess_kind(std::string_view file, std::string_view text) {
    if (std::ranges::any_of(own_formats, [&](std::string_view extension) { return has_extension(file, extension); }))
        return Kind::configuration;
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    Outline outline;
    const std::size_t first = text.find_first_not_of(blanks);
    const bool is_json = first != std::string_view::npos && text[first] == '{';
    if (is_json)
        read_braces(text.substr(first), outline);
    else
        read_lines(text, outline);
    return outline.kind(is_json);
}

bool has_configuration_format(std::string_view file) {
    const auto has = [&](std::string_view extension) { return has_extension(file, extension); };
    return std::ranges::any_of(shared_formats, has) || std::ranges::any_of(own_formats, has);
}

bool is_own_configuration(std::string_view file, std::string_view text) {
    constexpr auto own_words =
        std::to_array<std::string_view>({"clusterid", "backendmode", "maproles", "mapusers", "mapaccounts"});
    if (!has_configuration_format(file) || guess_kind(file, text) != Kind::configuration)
        return false;
    const std::string folded = text::to_lower(text);
    return std::ranges::any_of(own_words, [&](std::string_view word) { return folded.contains(word); });
}

}  // namespace arngate::config::check
