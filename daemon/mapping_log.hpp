#pragma once

#include "config/chain/mapping_diff.hpp"
#include "config/chain/source_state.hpp"
#include "config/problem.hpp"
#include "core/base/log.hpp"
#include "core/mapping/rule.hpp"
#include "core/mapping/table.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

/// What the log says of the mapping.
namespace arngate {

/// One line for each entry, as the Go server writes them at start.
void log_mapping(const mapping::SourceRules& source);

/// One line about a table that has taken the place of another, and what has changed by that in which sources.
void log_reload(const mapping::Table& table, const config::MappingDiff& diff, std::span<const std::string> sources);

/// A line each; of very many the first, and how many more there are.
void log_problems(const config::Problems& problems, log::Level level);

struct InForce {
    std::uint64_t generation = 0;  ///< of the table; 0: there is none yet
    std::chrono::milliseconds grace{0};
};

/// What has become of a source. `problems` are those of the reading that failed, if one did.
void log_source_status(
    const std::string& name, const config::SourceState& state, const config::Problems& problems, const InForce& in_force
);

/// Warns of what is doubtful in tables: once, for as long as it is in each new one.
class TableWarningLog {
public:
    void write(const std::vector<mapping::TableWarning>& warnings);

private:
    std::set<std::string, std::less<>> seen_before_;
};

}  // namespace arngate
