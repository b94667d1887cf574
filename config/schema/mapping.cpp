#include "config/schema/rows.hpp"

#include <array>

namespace arngate::config::schema_rows {
namespace {

using enum ValueType;

// clang-format off
constexpr auto rows = std::to_array<Key>({
    {.path = "mapping.accountOrder", .type = enumeration, .default_text = "afterAll", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "When account rules are asked: after the explicit entries of all backends, or in the chain, right after those of their own backend.",
     .reloadable = true, .obsolete = false, .reference_default = "inChain", .choices = "afterAll inChain"},
    {.path = "mapping.stripRolePaths", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "A role ARN may be configured with its path, which STS never reports. Off: such an entry matches nobody.",
     .reloadable = true, .obsolete = false, .reference_default = "false"},
});
// clang-format on

}  // namespace

std::span<const Key> mapping() noexcept {
    return rows;
}

}  // namespace arngate::config::schema_rows
