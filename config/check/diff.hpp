#pragma once

#include "config/check/reading.hpp"
#include "core/mapping/rule.hpp"
#include "core/mapping/table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::config::check {

/// What a mapping makes of callers.
struct Effect {
    std::string username;             ///< template
    std::vector<std::string> groups;  ///< templates, sorted, each once
    bool operator==(const Effect&) const = default;
};

struct Change {
    std::string subject;           ///< an ARN, or what stands for many identities
    std::optional<Effect> before;  ///< nothing: refused
    std::optional<Effect> after;
};

enum class ChangeKind : std::uint8_t { gained, lost, changed };

[[nodiscard]] ChangeKind kind_of(const Change& change) noexcept;
/// "gained", "lost", "changed"
[[nodiscard]] std::string_view change_name(ChangeKind kind) noexcept;

/// One side of a comparison: sources in chain order.
struct Side {
    std::vector<mapping::SourceRules> sources;
    mapping::TableOptions options;
};

/// The side that a file is, with the settings that it brings.
[[nodiscard]] Side side_of(Reading reading, Profile default_profile);

/// Whom an edit lets in, keeps out or gives another name or other groups: each identity, pattern, permission set and
/// account that either side names is resolved by the server's own table of both sides. Sorted by subject.
[[nodiscard]] std::vector<Change> changes_between(const Side& before, const Side& after);

}  // namespace arngate::config::check
