#include "config/describe.hpp"
#include "config/schema_sections.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

/// The example file, which the reference page shows too.
namespace arngate::config {
namespace {

constexpr std::string_view example_mapping = R"(  mapRoles:
    - rolearn: arn:aws:iam::123456789012:role/ClusterAdmin
      username: "admin:{{SessionName}}"
      groups: ["system:masters"]
    - sso:
        permissionSetName: ViewOnly
        accountID: "123456789012"
      username: "viewer:{{SessionName}}"
      groups: ["viewers"]
  mapUsers:
    - userarn: arn:aws:iam::123456789012:user/alice
      username: alice
      groups: ["developers"]
  mapAccounts:
    - "012345678901"
)";

/// Text of a comment, in lines of at most 100 characters.
std::string comment(std::string_view text, std::size_t indent) {
    std::string out;
    std::string line;
    const auto flush = [&] {
        if (!line.empty())
            out += fmt::format("{:{}}#{}\n", "", indent, line);
        line.clear();
    };
    for (const std::string_view word : text::split(text, ' ')) {
        if (line.size() + word.size() > 100)
            flush();
        line += ' ';
        line += word;
    }
    flush();
    return out;
}

std::string example_key(const Key& key, std::size_t indent) {
    std::string text(key.description);
    if (!key.constraint.empty())
        text += fmt::format(" ({})", key.constraint);
    std::string value(key.default_text);
    if (key.type == ValueType::text_list)
        value = value.empty() ? "[]" : fmt::format("[{}]", value);
    if (value.empty())
        value = key.type == ValueType::integer ? "0" : "\"\"";
    if (key.type == ValueType::enumeration || key.type == ValueType::text) {
        if (!key.default_text.empty())
            value = fmt::format("\"{}\"", value);
    }
    return comment(text, indent) + fmt::format("{:{}}#{}: {}\n", "", indent, leaf_of(key.path), value);
}

}  // namespace

std::string example_config() {
    std::string out =
        "# Configuration of arngate. A key right behind a # has the value shown there unless it is set.\n\n";
    out += "# Tokens are signed for this name and accepted for it alone.\nclusterID: my-cluster\n";
    for (const std::string_view section : sections()) {
        std::size_t indent = 0;
        const bool live = section.empty() || section == "server";
        if (!section.empty()) {
            indent = 2 * static_cast<std::size_t>(1 + std::ranges::count(section, '.'));
            out += live ? "\nserver:\n"
                        : fmt::format("{}{:{}}#{}:\n", indent > 2 ? "" : "\n", "", indent - 2, leaf_of(section));
            if (section == "server")
                out += example_mapping;
        }
        for (const Key& key : schema()) {
            if (section_of(key.path) != section || key.flag_only || key.obsolete || key.path == "clusterID")
                continue;
            if (key.type == ValueType::object_list || key.path == "server.mapAccounts")
                continue;
            if (is_section(key.path))
                continue;
            out += example_key(key, indent);
        }
    }
    return out;
}

}  // namespace arngate::config
