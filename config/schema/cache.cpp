#include "config/schema/rows.hpp"

#include <array>

namespace arngate::config::schema_rows {
namespace {

using enum ValueType;

// clang-format off
constexpr auto rows = std::to_array<Key>({
    {.path = "cache.enabled", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Keep verified identities, never mappings, so that a token seen again needs no call to STS.",
     .reloadable = false, .obsolete = false},
    {.path = "cache.ttl", .type = duration, .default_text = "5m", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "How long an identity is kept; never longer than its token is good.",
     .reloadable = false, .obsolete = false, .minimum = 1 * second, .maximum = 15 * minute, .step = second},
    {.path = "cache.maxBytes", .type = size, .default_text = "8MiB", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Memory for kept identities.",
     .reloadable = false, .obsolete = false, .minimum = 64 * kib, .maximum = 1024 * mib},
    {.path = "cache.staleWhileUnavailable", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "When STS is unreachable, throttles or answers with a server error: a token that it has proven stays valid to its own end, 15 minutes after it was signed.",
     .reloadable = false, .obsolete = false},
    {.path = "cache.refusalsTTL", .type = duration, .default_text = "20s", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "How long a token that STS refused is refused without asking again.",
     .reloadable = false, .obsolete = false, .minimum = 0, .maximum = 5 * minute},
    {.path = "cache.refusalsMaxBytes", .type = size, .default_text = "1MiB", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Memory for refusals of STS; apart from that for identities, so junk cannot push them out.",
     .reloadable = false, .obsolete = false, .minimum = 64 * kib, .maximum = 256 * mib},
});
// clang-format on

}  // namespace

std::span<const Key> cache() noexcept {
    return rows;
}

}  // namespace arngate::config::schema_rows
