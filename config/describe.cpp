#include "config/describe.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace arngate::config {

std::vector<const Key*> flags_of(std::string_view command) {
    std::vector<const Key*> flags;
    for (const Key& key : schema()) {
        if (key.flag.empty())
            continue;
        const auto commands = text::split(key.flag_commands, ' ');
        if (key.flag_commands == "*" || std::ranges::find(commands, command) != commands.end())
            flags.push_back(&key);
    }
    return flags;
}

std::string flag_help(const Key& key) {
    std::vector<std::string> notes;
    if (!key.constraint.empty() && key.type != ValueType::boolean)
        notes.emplace_back(key.constraint);
    if (!key.default_text.empty() && key.type != ValueType::boolean) {
        notes.push_back(fmt::format("default {}", key.default_text));
    }
    if (!key.flag_only)
        notes.push_back(fmt::format("key {}", key.path));
    if (!key.environment.empty())
        notes.push_back(fmt::format("environment {}", key.environment));
    std::string text(key.description);
    std::erase(text, '`');
    if (!notes.empty())
        text += fmt::format(" [{}]", fmt::join(notes, "; "));
    return text;
}

}  // namespace arngate::config
