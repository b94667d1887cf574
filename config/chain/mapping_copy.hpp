#pragma once

#include "core/base/clock.hpp"
#include "core/mapping/rule.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

/// The form of a mapping that was read well, kept for the next start: a line
/// "arngate-mapping-copy 1 <sha256 of the rest, hex>", then length-prefixed fields. A file of another version, one that
/// is cut short or one whose checksum differs is none. The checksum tells damage, not a forger: whoever can write into
/// the state directory can replace the webhook's key as well.
namespace arngate::config {

struct MappingCopy {
    /// What the rules belong to: cluster, source and document. Rules of another place are not taken.
    std::string place;
    WallTime read_at;  ///< in whole seconds
    mapping::SourceRules rules;
};

/// Larger copies are neither written nor read.
inline constexpr std::size_t max_copy_bytes = 128U * 1024 * 1024;

/// Fails when it would be larger than max_copy_bytes; the text says so.
[[nodiscard]] std::expected<std::string, std::string> encode_copy(
    std::string_view place, WallTime read_at, const mapping::SourceRules& rules
);
/// Fails with what is wrong, for people; quotes nothing of the bytes. Reads no more than is there, whatever they say.
[[nodiscard]] std::expected<MappingCopy, std::string> decode_copy(std::string_view bytes);
/// The fields alone, without line and checksum.
[[nodiscard]] std::expected<MappingCopy, std::string> decode_copy_fields(std::string_view fields);

}  // namespace arngate::config
