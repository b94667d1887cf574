#pragma once

#include "config/schema.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What people and editors read of the schema. docs/configuration.md and docs/config.schema.json are these functions'
/// output; a test compares them, and writes them anew when ARNGATE_REGENERATE is set.
namespace arngate::config {

/// The keys whose flags the command has, in the order of the schema; those of every command included.
[[nodiscard]] std::vector<const Key*> flags_of(std::string_view command);
/// Help for the key's flag: description, what it takes, default, environment. One line, without the flag itself.
[[nodiscard]] std::string flag_help(const Key& key);

/// The reference page, Markdown.
[[nodiscard]] std::string markdown_reference();
/// A JSON Schema (draft 2020-12) of the file. Stricter than loading: letter case counts, unknown keys are errors.
[[nodiscard]] std::string json_schema();
/// A YAML file to start from: loads without a warning, and shows every key with its default.
[[nodiscard]] std::string example_config();

}  // namespace arngate::config
