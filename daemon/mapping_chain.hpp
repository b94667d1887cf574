#pragma once

#include "config/settings.hpp"
#include "core/mapping/rule.hpp"
#include "core/mapping/table.hpp"

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace arngate {

/// The sources of mappings that the settings name, in their order. Fails for a source that this build cannot read: a
/// server that left it out would refuse, or admit, other people than its operator decided.
[[nodiscard]] std::expected<std::vector<mapping::SourceRules>, std::string> mapping_sources(
    const config::Settings& settings
);

/// The table of these sources; entries that had to be left out are logged as warnings.
[[nodiscard]] std::shared_ptr<const mapping::Table> build_table(
    std::vector<mapping::SourceRules> sources, const config::Settings& settings, std::uint64_t generation
);

/// Whether a template of these asks for {{EC2PrivateDNSName}}.
[[nodiscard]] bool asks_node_names(const std::vector<mapping::SourceRules>& sources);

/// One line for each entry, as the Go server writes them at start.
void log_mapping(const std::vector<mapping::SourceRules>& sources);

}  // namespace arngate
