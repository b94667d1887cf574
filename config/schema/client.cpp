#include "config/schema/rows.hpp"

#include <array>

namespace arngate::config::schema_rows {
namespace {

using enum ValueType;

// clang-format off
constexpr auto rows = std::to_array<Key>({
    {.path = "region", .type = text, .default_text = "", .constraint = "", .flag = "--region",
     .short_flag = 0, .flag_commands = "token kubeconfig", .environment = "",
     .description = "AWS region whose STS endpoint tokens name. Default: as the AWS SDKs find it.",
     .reloadable = false, .obsolete = false, .form = TextForm::region_label},
    {.path = "role", .type = text, .default_text = "", .constraint = "", .flag = "--role",
     .short_flag = 'r', .flag_commands = "token kubeconfig", .environment = "DEFAULT_ROLE",
     .description = "IAM role to assume before signing.",
     .reloadable = false, .obsolete = false},
    {.path = "externalID", .type = text, .default_text = "", .constraint = "", .flag = "--external-id",
     .short_flag = 'e', .flag_commands = "token kubeconfig", .environment = "",
     .description = "External id to pass when assuming the role.",
     .reloadable = false, .obsolete = false},
    {.path = "sessionName", .type = text, .default_text = "", .constraint = "", .flag = "--session-name",
     .short_flag = 's', .flag_commands = "token kubeconfig", .environment = "",
     .description = "Session name to pass when assuming the role.",
     .reloadable = false, .obsolete = false},
    {.path = "tokenOnly", .type = boolean, .default_text = "false", .constraint = "", .flag = "--token-only",
     .short_flag = 0, .flag_commands = "token", .environment = "",
     .description = "Print the token alone, not an ExecCredential.",
     .reloadable = false, .obsolete = false},
    {.path = "forwardSessionName", .type = boolean, .default_text = "false", .constraint = "", .flag = "--forward-session-name",
     .short_flag = 0, .flag_commands = "token kubeconfig", .environment = "",
     .description = "Pass the session name of the current credentials on when assuming the role.",
     .reloadable = false, .obsolete = false},
    {.path = "cache", .type = boolean, .default_text = "false", .constraint = "", .flag = "--cache",
     .short_flag = 0, .flag_commands = "token kubeconfig", .environment = "",
     .description = "Keep the base credentials in a file between calls. In a file that has a `cache` section for the server, use the flag.",
     .reloadable = false, .obsolete = false},
    {.path = "cacheToken", .type = boolean, .default_text = "false", .constraint = "", .flag = "--cache-token",
     .short_flag = 0, .flag_commands = "token kubeconfig", .environment = "",
     .description = "Keep tokens in files of the user's home until shortly before they end, so that most calls read one file.",
     .reloadable = false, .obsolete = false},
    {.path = "expiryMargin", .type = duration, .default_text = "1m", .constraint = "", .flag = "--expiry-margin",
     .short_flag = 0, .flag_commands = "token kubeconfig", .environment = "",
     .description = "So long before the credentials end, kubectl is told that the token does; kept tokens are used no longer than so long before their end.",
     .reloadable = false, .obsolete = false, .minimum = 0, .maximum = 10 * minute, .step = second},
    {.path = "token", .type = text, .default_text = "", .constraint = "", .flag = "--token",
     .short_flag = 't', .flag_commands = "verify", .environment = "",
     .description = "Token to verify.",
     .reloadable = false, .obsolete = false, .secret = true},
    {.path = "output", .type = text, .default_text = "", .constraint = "", .flag = "--output",
     .short_flag = 'o', .flag_commands = "verify", .environment = "",
     .description = "Output of verify: `json`, or text for any other word.",
     .reloadable = false, .obsolete = false},
    {.path = "partition", .type = enumeration, .default_text = "aws", .constraint = "", .flag = "--partition",
     .short_flag = 0, .flag_commands = "verify", .environment = "",
     .description = "AWS partition whose hosts verify accepts.",
     .reloadable = false, .obsolete = false, .choices = partition_ids, .is_partition = true},
    {.path = "defaultRole", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Never read; the key is `role`.",
     .reloadable = false, .obsolete = true},
});
// clang-format on

}  // namespace

std::span<const Key> client() noexcept {
    return rows;
}

}  // namespace arngate::config::schema_rows
