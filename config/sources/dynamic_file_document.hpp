#pragma once

#include "config/problem.hpp"
#include "core/mapping/rule.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace arngate::config {

/// Whether entries are found by their ARN or, with `server.dynamicfileUserIDStrict`, by their user id.
enum class DynamicFileKey : std::uint8_t { arn, user_id };

struct DynamicFileDocument {
    mapping::SourceRules rules;  ///< of the source DynamicFile, without reserved prefixes
    std::string version;         ///< `Version`, as written
    std::string last_updated;    ///< `LastUpdatedDateTime`: seconds since 1970 as its author wrote them, unchecked
};

/// The file of the backend DynamicFile: one JSON object (RFC 8259, UTF-8) of `Version`, `LastUpdatedDateTime`,
/// `mapRoles`, `mapUsers` and `mapAccounts`, and nothing but blanks after it; `null` is an empty one. Letter case of
/// keys does not matter, unknown ones are ignored. All or nothing: an entry without the key it is found by, a value of
/// a wrong type, a known key twice in one object, more than max_document_bytes, or text that is not JSON refuses the
/// file. `file` is named in problems and origins. Pure.
[[nodiscard]] std::expected<DynamicFileDocument, Problems> read_dynamic_file(
    const std::string& file, std::string_view text, DynamicFileKey key
);

}  // namespace arngate::config
