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
});
// clang-format on

}  // namespace

std::span<const Key> cache() noexcept {
    return rows;
}

}  // namespace arngate::config::schema_rows
