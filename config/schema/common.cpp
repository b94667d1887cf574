#include "config/schema/rows.hpp"

#include <array>

namespace arngate::config::schema_rows {
namespace {

using enum ValueType;

// clang-format off
constexpr auto rows = std::to_array<Key>({
    {.path = "compat", .type = enumeration, .default_text = "arngate", .constraint = "", .flag = "--compat",
     .short_flag = 0, .flag_commands = "*", .environment = "ARNGATE_COMPAT",
     .description = "Profile that decides defaults: `arngate`, or `reference` to answer as aws-iam-authenticator does. The default is `reference` when the program is invoked by the name aws-iam-authenticator.",
     .reloadable = false, .obsolete = false, .choices = "arngate reference"},
    {.path = "clusterID", .type = text, .default_text = "", .constraint = "", .flag = "--cluster-id",
     .short_flag = 'i', .flag_commands = "*", .environment = "KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID",
     .description = "Unique identifier of the cluster; tokens are signed for it and accepted for it alone. Required.",
     .reloadable = false, .obsolete = false},
    {.path = "log-verbosity", .type = enumeration, .default_text = "info", .constraint = "", .flag = "--log-verbosity",
     .short_flag = 'v', .flag_commands = "*", .environment = "AWS_IAM_AUTHENTICATOR_LOG_VERBOSITY",
     .description = "Level of the log.",
     .reloadable = false, .obsolete = false, .choices = "trace debug info warn warning error fatal panic", .any_case = true},
    {.path = "log-format", .type = enumeration, .default_text = "text", .constraint = "", .flag = "--log-format",
     .short_flag = 'l', .flag_commands = "*", .environment = "",
     .description = "Form of the log lines: `text` (logfmt) or `json`. Another word means `text`, with a warning.",
     .reloadable = false, .obsolete = false, .choices = "text json"},
    {.path = "feature-gates", .type = text_list, .default_text = "", .constraint = "NAME=true|false, comma-separated", .flag = "--feature-gates",
     .short_flag = 0, .flag_commands = "*", .environment = "",
     .description = "Feature gates: ConfiguredInitDirectories, IAMIdentityMappingCRD, SSORoleMatch, or all of them by AllAlpha. Default off, but SSORoleMatch is on in profile `arngate`.",
     .reloadable = false, .obsolete = false, .separator = ',', .flag_only = true},
});
// clang-format on

}  // namespace

std::span<const Key> common() noexcept {
    return rows;
}

}  // namespace arngate::config::schema_rows
