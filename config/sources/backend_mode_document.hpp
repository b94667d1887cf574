#pragma once

#include "config/problem.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::config {

inline constexpr std::size_t max_backend_mode_bytes = 64U * 1024;

struct BackendModeDocument {
    std::vector<std::string> modes;  ///< current names, each once, in the order written; at least one
    std::string version;             ///< `Version`, as written
    std::string last_updated;        ///< `LastUpdatedDateTime`: seconds since 1970 as its author wrote them, unchecked
};

/// The file of `server.dynamicBackendModePath`: one JSON object (RFC 8259, UTF-8) of `backendMode` (text: names of
/// backends with single blanks between them; old names count as the current ones, a name twice as once), `Version` and
/// `LastUpdatedDateTime`. Letter case of keys does not matter, unknown ones are ignored. An unknown backend, an empty
/// name, a value of a wrong type, a known key twice, more than max_backend_mode_bytes, or text that is not one JSON
/// object refuses the file. `file` is named in problems. Pure.
[[nodiscard]] std::expected<BackendModeDocument, Problems> read_backend_modes(
    const std::string& file, std::string_view text
);

}  // namespace arngate::config
