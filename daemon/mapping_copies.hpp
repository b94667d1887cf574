#pragma once

#include "config/chain/mapping_copy.hpp"
#include "core/base/clock.hpp"
#include "core/mapping/rule.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace arngate {

/// What sources have said, kept in the state directory, one file "mapping-<source>.copy" each, for a start at which
/// they cannot be read: a server that an API server needs must not need the API server. Blocks on files; one thread.
class MappingCopies {
public:
    explicit MappingCopies(std::string directory) : directory_(std::move(directory)) {}

    /// Replaces the copy in one step, readable for the owner alone. Fails with a text for people.
    [[nodiscard]] std::expected<void, std::string> save(
        std::string_view source, const std::string& place, const mapping::SourceRules& rules, WallTime read_at
    ) const;
    /// Nothing when there is none. Fails for a copy that is damaged, of another place or of another source, and for a
    /// file that somebody else than this user or root owns or may write: whoever writes it decides who is let in.
    [[nodiscard]] std::expected<std::optional<config::MappingCopy>, std::string> load(
        std::string_view source, const std::string& place
    ) const;

private:
    [[nodiscard]] std::string path_of(std::string_view source) const;

    std::string directory_;
};

}  // namespace arngate
