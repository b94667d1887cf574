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
    {.path = "mapping.gracePeriod", .type = duration, .default_text = "5m", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "How long the mapping of a source stays in force after its document has become empty or is gone. 0: it ends at once.",
     .reloadable = false, .obsolete = false, .reference_default = "0s", .minimum = 0, .maximum = 24 * 60 * minute},
    {.path = "mapping.keepCopies", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Whether what was read from EKSConfigMap, CRD and DynamicFile is kept in the state directory, for a start at which it cannot be read.",
     .reloadable = false, .obsolete = false, .reference_default = "false"},
    {.path = "mapping.startTimeout", .type = duration, .default_text = "10s", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "How long a start waits for sources that are files. It never waits for an API server.",
     .reloadable = false, .obsolete = false, .minimum = 100, .maximum = 5 * minute},
    {.path = "mapping.pollInterval", .type = duration, .default_text = "1m", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "How often files with mappings are looked at although the kernel has told of no change, for file systems that tell of none.",
     .reloadable = false, .obsolete = false, .minimum = second, .maximum = 60 * minute},
    {.path = "mapping.breakGlassFile", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "File of `mapRoles`, `mapUsers` and `mapAccounts` that are asked after those of all backends, for emergencies. Each review that it admits is logged as a warning.",
     .reloadable = false, .obsolete = false},
});
// clang-format on

}  // namespace

std::span<const Key> mapping() noexcept {
    return rows;
}

}  // namespace arngate::config::schema_rows
