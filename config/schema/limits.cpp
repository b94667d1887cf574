#include "config/schema/rows.hpp"

#include <array>

namespace arngate::config::schema_rows {
namespace {

using enum ValueType;

// clang-format off
constexpr auto rows = std::to_array<Key>({
    {.path = "limits.tokenBytes", .type = size, .default_text = "16KiB", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Longest token accepted.",
     .reloadable = false, .obsolete = false, .minimum = 1 * kib, .maximum = 64 * kib},
    {.path = "limits.bodyBytes", .type = size, .default_text = "64KiB", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Largest request body accepted; at least 1 KiB more than limits.tokenBytes.",
     .reloadable = false, .obsolete = false, .minimum = 2 * kib, .maximum = 1 * mib},
    {.path = "limits.headerBytes", .type = size, .default_text = "16KiB", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Largest request head accepted.",
     .reloadable = false, .obsolete = false, .minimum = 4 * kib, .maximum = 256 * kib},
    {.path = "limits.connections", .type = integer, .default_text = "10000", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Connections open at a time.",
     .reloadable = false, .obsolete = false, .minimum = 1, .maximum = 1'000'000},
    {.path = "limits.pendingReviews", .type = integer, .default_text = "8192", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Reviews that may wait for STS at a time.",
     .reloadable = false, .obsolete = false, .minimum = 1, .maximum = 1'000'000},
});
// clang-format on

}  // namespace

std::span<const Key> limits() noexcept {
    return rows;
}

}  // namespace arngate::config::schema_rows
