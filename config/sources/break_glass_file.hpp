#pragma once

#include "config/settings.hpp"
#include "config/sources/source.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace arngate::config {

/// The name of the source that is asked after those of all backends.
inline constexpr std::string_view break_glass_source = "BreakGlass";

/// The file of `mapping.breakGlassFile`: `mapRoles`, `mapUsers` and `mapAccounts` as the section `server` of the
/// configuration file holds them, at the top, and nothing else. All or nothing. `file` is named in problems and
/// origins, and its extension says the format. Pure.
[[nodiscard]] std::expected<SourceReading, Problems> read_break_glass(
    const std::string& file, std::string_view text, const Settings& settings
);

}  // namespace arngate::config
